using System.Text;
using CsCheck;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>The same answers are read in the same way as by .NET's own client, and the same requests are written.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 Fine by me \xe9\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.0 404 Not Found\r\n\r\nuntil the end")]
    [InlineData("HTTP/1.7 299 Odd\nContent-Length:5\n\nhello")]
    [InlineData("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("")]
    [InlineData("HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 10\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nContent-Length: 1\r\n\r\n!")]
    [InlineData("HTTP/1.1 200 OK\r\nX : spaced  \t\r\nY:\r\nContent-Length: 1\r\n\r\n!")]
    [InlineData("HTTP/1.1 200 OK\r\nX\t: tab\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: no name\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n   : no name\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nb\xe9: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\na b: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: first\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: \xe9\xff\r\nLocation: /\xc3\xa9\r\nContent-Type: text/x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nLocation: /\xe9\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nVary: a\r\nvary: b\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rb\0c\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nto the end")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n00a \t;z\r\n0123456789\r\n0\r\nX: y\r\nContent-Type: no\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3 x\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\ngrpc-status: 0\r\nExpires: 1\r\nETag: e\r\n\r\n")]
    public async Task An_answer_is_read_as_by_the_default_client(string answer) => await CompareAsync(HttpMethod.Get, Encoding.Latin1.GetBytes(answer));

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    public async Task An_answer_to_HEAD_is_read_as_by_the_default_client(string answer) => await CompareAsync(HttpMethod.Head, Encoding.Latin1.GetBytes(answer));

    [Fact]
    public async Task Every_name_is_kept_where_the_default_client_keeps_it()
    {
        foreach (var name in typeof(Microsoft.Net.Http.Headers.HeaderNames).GetFields().Select(f => f.GetValue(null)).OfType<string>().Append("X-Other").Append("Content-Other"))
        {
            if (name.StartsWith(':') || name is "Content-Length" or "Transfer-Encoding") continue;
            await CompareAsync(HttpMethod.Get, Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{name.ToUpperInvariant()}: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{name}: b\r\n\r\n"));
        }
    }

    [Theory]
    [InlineData(63_000)]
    [InlineData(65_500)]
    [InlineData(65_536)]
    [InlineData(66_000)]
    public async Task Headers_may_be_as_long_as_for_the_default_client(int bytes)
    {
        var start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
        await CompareAsync(HttpMethod.Get, Encoding.ASCII.GetBytes($"{start}{new string('x', bytes - start.Length - 4)}\r\n\r\n"));
    }

    [Fact]
    public async Task Random_answers_are_read_as_by_the_default_client_however_they_are_cut() =>
        await RandomAnswers.Any.SampleAsync(async sample => await CompareAsync(HttpMethod.Get, sample.Bytes, sample.Cut, sample.Buffer), iter: 300, threads: 2);

    private static async Task CompareAsync(HttpMethod method, byte[] answer, int cut = int.MaxValue, int buffer = 64 * 1024)
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            foreach (var part in answer.Chunk(cut)) await connection.WriteAsync(part);
            connection.EndSending();
            await connection.ReadToEndAsync();
        });
        using var oracle = new HttpMessageInvoker(Clients.Oracle());
        using var lean = new HttpMessageInvoker(Clients.Lean());
        using var toOracle = new HttpRequestMessage(method, upstream.Uri);
        using var toLean = new HttpRequestMessage(method, upstream.Uri);

        var expected = await Answer.OfAsync(oracle, toOracle, buffer);

        Answer.AssertSame(expected, await Answer.OfAsync(lean, toLean, buffer));
    }
}
