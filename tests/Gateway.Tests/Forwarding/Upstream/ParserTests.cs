using System.Text;
using CsCheck;
using Gateway.Forwarding.Upstream;

namespace Gateway.Tests.Forwarding.Upstream;

public sealed class ParserTests
{
    [Theory]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\nX-Folded: a\r\n b\nTransfer-Encoding: chunked\r\n\r\n3;e\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\n!\n0\n\n")]
    public void An_answer_is_the_same_wherever_its_bytes_are_cut(string answer)
    {
        var bytes = Encoding.ASCII.GetBytes(answer);
        var whole = Read([bytes]);
        Assert.Contains("over", whole, StringComparison.Ordinal);
        for (var first = 1; first < bytes.Length; first++)
        {
            for (var second = first; second < bytes.Length; second++) Assert.Equal(whole, Read([bytes[..first], bytes[first..second], bytes[second..]]));
        }

        for (var piece = 1; piece < bytes.Length; piece++) Assert.Equal(whole, Read(bytes.Chunk(piece)));
    }

    [Fact]
    public void A_random_answer_is_the_same_wherever_its_bytes_are_cut() =>
        Gen.Select(RandomAnswers.Any, Gen.Int[1, 400]).Sample((sample, piece) => Assert.Equal(Read(sample.Bytes.Chunk(sample.Bytes.Length + 1)), Read(sample.Bytes.Chunk(piece))));

    [Fact]
    public void Random_bytes_are_refused_or_read_but_break_nothing() =>
        Gen.Select(Gen.OneOf("", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Gen.Byte.Array[0, 200])
            .Sample((start, bytes) => Assert.NotNull(Read([Encoding.ASCII.GetBytes(start), bytes])));

    private static string Read(IEnumerable<byte[]> parts)
    {
        using var request = new HttpRequestMessage();
        var (head, received, chunks, hasHead) = (new ResponseHead(64 * 1024), new ReceiveBuffer(), new ChunkReader(), false);
        var seen = new StringBuilder();
        head.Expect(request);
        try
        {
            foreach (var part in parts)
            {
                for (var rest = part.AsMemory(); !rest.IsEmpty;)
                {
                    var taken = Math.Min(rest.Length, received.Free.Length);
                    rest[..taken].CopyTo(received.Free);
                    received.Commit(taken);
                    rest = rest[taken..];
                    if (!hasHead)
                    {
                        hasHead = head.TryRead(received);
                        if (!hasHead) continue;
                        var (response, framing) = (head.Response, head.Framing);
                        seen.Append(response.ToString()).Append(framing.IsChunked).Append(framing.Length).Append(head.AllowsReuse).Append('\n');
                    }

                    if (!head.Framing.IsChunked) seen.Append(Take(received));
                    else ReadChunks();
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            seen.Append("refused: ").Append(e.Message);
        }

        return seen.ToString();

        void ReadChunks()
        {
            while (chunks.Peek(received, head, int.MaxValue) is { IsEmpty: false } data)
            {
                seen.Append(Encoding.Latin1.GetString(data));
                chunks.Consume(received, data.Length);
            }

            if (chunks.IsOver) seen.Append("over ").Append(string.Join(',', head.Response.TrailingHeaders.Select(t => $"{t.Key}={string.Join('|', t.Value)}"))).Append(Take(received));
        }
    }

    private static string Take(ReceiveBuffer received)
    {
        var text = Encoding.Latin1.GetString(received.Span);
        received.Consume(received.Length);
        return text.Length == 0 ? "" : text;
    }
}
