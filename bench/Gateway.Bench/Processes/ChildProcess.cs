using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gateway.Bench.Processes;

/// <summary>What a process is for: figures are told apart by it.</summary>
internal enum Role
{
    /// <summary>What is measured.</summary>
    Proxy,

    /// <summary>A Redis server of the arm's own.</summary>
    Redis,

    /// <summary>The sandbox that stands for Paygentic.</summary>
    Billing,

    /// <summary>The API behind the proxy.</summary>
    Upstream,
}

/// <summary>A program as a process of its own, which ends when the bench ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>A line of output that begins so is the hook's.</summary>
    public const string Mark = "~bench figures ";

    private const int KeptLines = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<int, Process> Running = new();
    private readonly Process _process;
    private readonly Queue<string> _output = new();
    private TaskCompletionSource<string>? _asked;

    static ChildProcess()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            KillAll();
            Reaper.Dismiss();
        };
        AppDomain.CurrentDomain.UnhandledException += (_, _) => KillAll();
    }

    private ChildProcess(Process process, Role role, bool hasHook) => (_process, Role, HasHook) = (process, role, hasHook);

    public Role Role { get; }

    /// <summary>Whether it tells its collector's figures: the .NET processes do.</summary>
    public bool HasHook { get; }

    public int Id => _process.Id;

    public bool IsRunning => !_process.HasExited;

    /// <summary>The newest lines it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output) return string.Join(Environment.NewLine, _output);
        }
    }

    public static ChildProcess Start(Role role, Launch launch)
    {
        var (file, arguments) = launch.IsNice && Programs.Find("nice") is { } nice ? (nice, (IEnumerable<string>)["-n", "10", launch.File, .. launch.Arguments]) : (launch.File, launch.Arguments);
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = launch.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in launch.Environment) info.Environment[name] = value;
        var process = Process.Start(info)!;
        Running[process.Id] = process;
        Reaper.Watch(process);
        var child = new ChildProcess(process, role, launch.HasHook);
        process.OutputDataReceived += (_, e) => child.Note(e.Data);
        process.ErrorDataReceived += (_, e) => child.Note(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>What the hook in it says. One at a time.</summary>
    public async Task<string> AskAsync(CancellationToken stop)
    {
        var asked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _asked, asked);
        try
        {
            _process.StandardInput.BaseStream.WriteByte((byte)'?');
            await _process.StandardInput.BaseStream.FlushAsync(stop);
            return await asked.Task.WaitAsync(Patience, TimeProvider.System, stop);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            throw new ChildFailedException($"A {Role} process does not tell its figures.\n{Output}");
        }
    }

    /// <summary>SIGTERM, and after <paramref name="patience"/> SIGKILL to it and its children.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (IsRunning)
        {
            using (var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(patience);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Kill(_process);
            }
        }

        Running.TryRemove(Id, out _);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(3));
        _process.Dispose();
    }

    private static void KillAll()
    {
        foreach (var process in Running.Values) Kill(process);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private void Note(string? line)
    {
        if (line is null) return;
        if (line.StartsWith(Mark, StringComparison.Ordinal))
        {
            Volatile.Read(ref _asked)?.TrySetResult(line[Mark.Length..]);
            return;
        }

        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > KeptLines) _output.Dequeue();
        }
    }
}
