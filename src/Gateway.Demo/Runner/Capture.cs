using System.Text;

namespace Gateway.Demo.Runner;

/// <summary>What a process writes, up to a limit; readable at any time, for a pipe may stay open longer than anyone waits.</summary>
internal sealed class Capture(int limit, Action overflow)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    public bool Overflowed { get; private set; }

    public string? Text
    {
        get
        {
            lock (_lock) return _text.Length == 0 ? null : _text.ToString();
        }
    }

    public async Task ReadAsync(StreamReader reader)
    {
        var buffer = new char[4096];
        try
        {
            while (!Overflowed && await reader.ReadAsync(buffer) is > 0 and var length) Add(buffer.AsSpan(0, length));
            if (Overflowed) overflow();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed while something outside the program still held it.
        }
    }

    private void Add(ReadOnlySpan<char> read)
    {
        lock (_lock)
        {
            var room = limit - _text.Length;
            _text.Append(read[..Math.Min(room, read.Length)]);
            Overflowed = read.Length > room;
        }
    }
}
