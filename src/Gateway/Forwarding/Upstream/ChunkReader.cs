using System.Buffers.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>Takes a body out of its chunks. Extensions are skipped.</summary>
internal struct ChunkReader
{
    /// <summary>Of a chunk's first line, extensions included.</summary>
    private const int MaxLineBytes = 16 * 1024;

    private State _state;
    private ulong _left;

    private enum State : byte
    {
        Size,
        Data,
        EndOfData,
        Trailers,
        Over,
    }

    public readonly bool IsOver => _state == State.Over;

    /// <summary>Moves to data, if some was received. Returns its bytes, at most <paramref name="wanted"/>: none when more must be received first, or it is over.</summary>
    public ReadOnlySpan<byte> Peek(ReceiveBuffer received, ResponseHead head, int wanted)
    {
        while (true)
        {
            switch (_state)
            {
                case State.Size:
                    if (!TryTakeLine(received, out var size)) return default;
                    ReadSize(size);
                    break;
                case State.Data:
                    return received.Span[..(int)Math.Min((ulong)Math.Min(wanted, received.Length), _left)];
                case State.EndOfData:
                    if (!TryTakeLine(received, out var end)) return default;
                    if (!end.IsEmpty) throw UpstreamErrors.InvalidBody("a chunk is longer than it says");
                    _state = State.Size;
                    break;
                case State.Trailers:
                    if (!head.TryReadTrailers(received)) return default;
                    _state = State.Over;
                    return default;
                default:
                    return default;
            }
        }
    }

    public void Consume(ReceiveBuffer received, int bytes)
    {
        received.Consume(bytes);
        _left -= (ulong)bytes;
        if (_left == 0) _state = State.EndOfData;
    }

    /// <summary>The line is valid until more is received.</summary>
    private static bool TryTakeLine(ReceiveBuffer received, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> bytes = received.Span;
        var end = bytes.IndexOf((byte)'\n');
        if ((end < 0 ? bytes.Length : end + 1) > MaxLineBytes) throw UpstreamErrors.InvalidBody("a chunk's size is too long");
        line = end < 0 ? default : bytes[..(end > 0 && bytes[end - 1] == '\r' ? end - 1 : end)];
        if (end < 0) return false;
        received.Consume(end + 1);
        return true;
    }

    private void ReadSize(ReadOnlySpan<byte> line)
    {
        if (!Utf8Parser.TryParse(line, out _left, out var digits, 'X')) throw UpstreamErrors.InvalidBody("a chunk's size is no number");
        var rest = line[digits..].TrimStart(" \t"u8);
        if (!rest.IsEmpty && rest[0] != ';') throw UpstreamErrors.InvalidBody("a chunk's size is no number");
        _state = _left == 0 ? State.Trailers : State.Data;
    }
}
