using System.Text;

namespace Gateway.Bench.Load;

/// <summary>What is asked: every request draws one of the paths and one of the keys.</summary>
internal sealed class RequestPlan(IReadOnlyList<string> paths, IReadOnlyList<string> keys)
{
    private readonly byte[][] _paths = [.. paths.Select(Encoding.ASCII.GetBytes)];
    private readonly byte[][] _keys = [.. keys.Select(Encoding.ASCII.GetBytes)];
    private long _next = -1;

    public IReadOnlyList<string> Paths { get; } = paths;

    public IReadOnlyList<string> Keys { get; } = keys;

    /// <summary>Whether every request is the same.</summary>
    public bool IsSingle => _paths.Length == 1 && _keys.Length == 1;

    /// <summary>Keys in turn instead of at random: for touching each once.</summary>
    public bool InTurn { get; init; }

    public int MaxBytes => _paths.Max(p => p.Length) + _keys.Max(k => k.Length) + 128;

    /// <summary>Writes a whole request.</summary>
    /// <returns>How long it is.</returns>
    public int Write(Span<byte> request, ReadOnlySpan<byte> host, Random dice)
    {
        var length = 0;
        Put(request, ref length, "GET "u8);
        Put(request, ref length, _paths.Length == 1 ? _paths[0] : _paths[dice.Next(_paths.Length)]);
        Put(request, ref length, " HTTP/1.1\r\nHost: "u8);
        Put(request, ref length, host);
        Put(request, ref length, "\r\nX-API-Key: "u8);
        Put(request, ref length, NextKey(dice));
        Put(request, ref length, "\r\n\r\n"u8);
        return length;
    }

    private byte[] NextKey(Random dice) =>
        _keys.Length == 1 ? _keys[0]
        : InTurn ? _keys[Interlocked.Increment(ref _next) % _keys.Length]
        : _keys[dice.Next(_keys.Length)];

    private static void Put(Span<byte> request, ref int length, ReadOnlySpan<byte> part)
    {
        part.CopyTo(request[length..]);
        length += part.Length;
    }
}
