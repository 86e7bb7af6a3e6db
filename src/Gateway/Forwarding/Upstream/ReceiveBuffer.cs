using System.Buffers;

namespace Gateway.Forwarding.Upstream;

/// <summary>Bytes that were received and not yet read. Grows for long headers and long chunks, and is small again when its connection rests.</summary>
internal sealed class ReceiveBuffer
{
    public const int RestingBytes = 8192;

    private const int MaxBytesForBodies = 64 * 1024;

    private byte[] _bytes = new byte[RestingBytes];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public int Capacity => _bytes.Length;

    public Span<byte> Span => _bytes.AsSpan(_start, _end - _start);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Room for what comes next, at least one byte.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_end == _bytes.Length) MakeRoom();
            return _bytes.AsMemory(_end);
        }
    }

    public void Commit(int received) => _end += received;

    public void Consume(int read)
    {
        _start += read;
        if (_start == _end) _start = _end = 0;
    }

    public int Take(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Length);
        _bytes.AsSpan(_start, count).CopyTo(destination);
        Consume(count);
        return count;
    }

    /// <summary>After a receive that filled it: the sender has more than it holds.</summary>
    public void GrowForBody()
    {
        if (_end == _bytes.Length && _bytes.Length < MaxBytesForBodies) Resize(_bytes.Length * 4);
    }

    /// <summary>The connection rests, and its buffer is empty.</summary>
    public void Rest()
    {
        _start = _end = 0;
        if (_bytes.Length == RestingBytes) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = new byte[RestingBytes];
    }

    private void MakeRoom()
    {
        if (_start == 0)
        {
            Resize(_bytes.Length * 2);
            return;
        }

        Span.CopyTo(_bytes);
        (_start, _end) = (0, Length);
    }

    private void Resize(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        Span.CopyTo(larger);
        if (_bytes.Length != RestingBytes) ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _start, _end) = (larger, 0, Length);
    }
}
