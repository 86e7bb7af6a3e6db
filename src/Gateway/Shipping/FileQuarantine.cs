using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Billing;

namespace Gateway.Shipping;

/// <summary>
/// The quarantine as a file: a line of JSON for each event, on disk before the journal lets go of it. A replay, which is another process, takes the
/// file away whole; a lock file keeps the two apart.
/// </summary>
internal sealed class FileQuarantine(string dataDirectory, TimeProvider clock) : IQuarantine, IDisposable
{
    private const int CountedBytes = 64 * 1024; // at a time
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly string _path = Path.Combine(dataDirectory, "quarantine.jsonl");
    private readonly string _taken = Path.Combine(dataDirectory, "quarantine.replaying.jsonl");
    private readonly string _lock = Path.Combine(dataDirectory, "quarantine.lock");
    private readonly string _replayLock = Path.Combine(dataDirectory, "quarantine.replay.lock");
    private FileStream? _replay;

    public string Place => _path;

    public async ValueTask AddAsync(UsageEvent usage, EventResult answer)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(
            new QuarantinedEvent(clock.GetUtcNow(), answer.StatusCode, answer.Reason, usage), QuarantineJson.Default.QuarantinedEvent);
        using (await LockAsync(_lock))
        {
            using var file = OpenAtNewLine(_path);
            file.Write([.. line, (byte)'\n']);
            file.Flush(flushToDisk: true);
        }
    }

    public async Task<IReadOnlyList<QuarantinedEvent>> TakeAllAsync()
    {
        Directory.CreateDirectory(dataDirectory);
        _replay ??= await LockAsync(_replayLock);
        using var held = await LockAsync(_lock);
        if (File.Exists(_path))
        {
            if (File.Exists(_taken))
            {
                await using var from = File.OpenRead(_path);
                await using var to = OpenAtNewLine(_taken);
                await from.CopyToAsync(to);
                to.Flush(flushToDisk: true);
                File.Delete(_path);
            }
            else
            {
                File.Move(_path, _taken);
            }
        }

        return Read(_taken);
    }

    public async Task<IReadOnlyList<QuarantinedEvent>> ListAsync()
    {
        if (!Directory.Exists(dataDirectory)) return [];
        using var held = await LockAsync(_lock);
        return Read(_taken, _path);
    }

    /// <summary>As <see cref="ListAsync"/>, for who changes nothing, not even a lock: what is being written just now may be missing.</summary>
    public static IReadOnlyList<QuarantinedEvent> Peek(string dataDirectory)
    {
        using var quarantine = new FileQuarantine(dataDirectory, TimeProvider.System);
        return Read(quarantine._taken, quarantine._path);
    }

    /// <summary>
    /// How many there are; what a crash or a restart put there twice counts twice. For who asks again and again: it takes no lock, and reads no line but for where
    /// it ends.
    /// </summary>
    public long Count() => CountLines(_taken) + CountLines(_path);

    public Task DoneAsync()
    {
        File.Delete(_taken);
        _replay?.Dispose();
        _replay = null;
        return Task.CompletedTask;
    }

    public void Dispose() => _replay?.Dispose();

    private static List<QuarantinedEvent> Read(params IEnumerable<string> paths)
    {
        // The last answer counts. A line that a crash cut off is of an event that the journal still has.
        var last = new Dictionary<string, QuarantinedEvent>(StringComparer.Ordinal);
        foreach (var line in paths.Where(File.Exists).SelectMany(File.ReadLines))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, QuarantineJson.Default.QuarantinedEvent) is { Event: not null } found)
                    last[found.Event.IdempotencyKey] = found;
            }
            catch (JsonException)
            {
                // as said
            }
        }

        return [.. last.Values];
    }

    private static long CountLines(string path)
    {
        if (!File.Exists(path)) return 0;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var buffer = new byte[CountedBytes];
        var lines = 0L;
        while (file.Read(buffer) is > 0 and var read) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }

    /// <summary>For appending. Half a line at the end, of a crash or a full disk, stays a line of its own: it must not take the next one along.</summary>
    private static FileStream OpenAtNewLine(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length == 0) return file;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n') file.WriteByte((byte)'\n');
        return file;
    }

    private async Task<FileStream> LockAsync(string path)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (IsHeld(e) && clock.GetElapsedTime(started) < LockPatience)
            {
                await Task.Delay(LockPause, clock);
            }
        }
    }

    /// <summary>
    /// Whether another has it: EWOULDBLOCK of Linux or macOS, ERROR_SHARING_VIOLATION of Windows. Anything else does not pass within seconds, and who
    /// waited for it would hold up what is shipped.
    /// </summary>
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(QuarantinedEvent))]
internal sealed partial class QuarantineJson : JsonSerializerContext;
