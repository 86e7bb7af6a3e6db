using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>What is written is what .NET's own client writes.</summary>
public sealed class RequestTests
{
    public static TheoryData<string> Cases => [.. Requests.Keys];

    private static Dictionary<string, Action<HttpRequestMessage>> Requests { get; } = new()
    {
        ["plain"] = _ => { },
        ["path and query"] = r => r.RequestUri = new Uri(r.RequestUri!, "/a%20b/ü/../c;d?e=f&g=%2F#h"),
        ["headers"] = r =>
        {
            r.Headers.TryAddWithoutValidation("x-one", "1");
            r.Headers.TryAddWithoutValidation("X-Many", ["a", "b", "c"]);
            r.Headers.TryAddWithoutValidation("accept", ["text/html", "*/*"]);
            r.Headers.TryAddWithoutValidation("user-agent", ["a/1", "b/2"]);
            r.Headers.TryAddWithoutValidation("Cookie", ["a=1", "b=2"]);
            r.Headers.TryAddWithoutValidation("X-Empty", "");
        },
        ["host"] = r => r.Headers.Host = "example.org:81",
        ["odd host"] = r => r.Headers.TryAddWithoutValidation("Host", "under_score"),
        ["HEAD"] = r => r.Method = HttpMethod.Head,
        ["POST without a body"] = r => r.Method = HttpMethod.Post,
        ["PUT without a body"] = r => r.Method = HttpMethod.Put,
        ["DELETE without a body"] = r => r.Method = HttpMethod.Delete,
        ["OPTIONS without a body"] = r => r.Method = HttpMethod.Options,
        ["TRACE without a body"] = r => r.Method = HttpMethod.Trace,
        ["PATCH without a body"] = r => r.Method = HttpMethod.Patch,
        ["odd method"] = r => r.Method = new HttpMethod("Brew"),
        ["lower-case get"] = r => r.Method = new HttpMethod("get"),
        ["lower-case post"] = r => r.Method = new HttpMethod("post"),
        ["body with a length"] = r => (r.Method, r.Content) = (HttpMethod.Post, new StringContent("hello", Encoding.UTF8, "text/plain")),
        ["empty body"] = r => (r.Method, r.Content) = (HttpMethod.Post, new ByteArrayContent([])),
        ["body in chunks"] = r => (r.Method, r.Content) = (HttpMethod.Post, new Pieces(null, "hello", "", "world")),
        ["empty body in chunks"] = r => (r.Method, r.Content) = (HttpMethod.Post, new Pieces(null)),
        ["body in pieces with a length"] = r => (r.Method, r.Content) = (HttpMethod.Post, new Pieces(10, "hello", "world")),
        ["large body"] = r => (r.Method, r.Content) = (HttpMethod.Post, new ByteArrayContent(new byte[100_000])),
        ["GET with a body"] = r => r.Content = new StringContent("hello"),
        ["header that is not ASCII"] = r => r.Headers.TryAddWithoutValidation("X-A", "é"),
        ["too short a body"] = r => (r.Method, r.Content) = (HttpMethod.Post, new Pieces(11, "hello", "world")),
        ["too long a body"] = r => (r.Method, r.Content) = (HttpMethod.Post, new Pieces(9, "hello", "world")),
        ["HTTP/1.0"] = r => r.Version = HttpVersion.Version10,
        ["HTTP/2 or lower"] = r => (r.Version, r.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
        ["asks to close"] = r => r.Headers.ConnectionClose = true,
        ["asks for chunks"] = r => (r.Method, r.Content, r.Headers.TransferEncodingChunked) = (HttpMethod.Post, new StringContent("x"), true),
        ["expects to continue"] = r => (r.Method, r.Content, r.Headers.ExpectContinue) = (HttpMethod.Post, new StringContent("x"), true),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_request_is_written_as_by_the_default_client(string name)
    {
        var received = Channel.CreateUnbounded<string>();
        await using var upstream = new RawUpstream(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            if (head is null) return;
            if (head.Contains("100-continue", StringComparison.Ordinal)) await connection.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
            var body = await connection.ReadBodyAsync(head);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            connection.EndSending();
            await received.Writer.WriteAsync($"{Joined(head + body)}[over]{await connection.ReadToEndAsync()}", TestContext.Current.CancellationToken);
        });

        var expected = await SendAsync(new HttpMessageInvoker(Clients.Oracle()), upstream, name);
        var actual = await SendAsync(new HttpMessageInvoker(Clients.Lean()), upstream, name);

        Assert.Equal(expected, actual);
        if (expected.Failure is not null) return; // how much was sent of a body that can not be sent is nobody's business
        Assert.Equal(
            await received.Reader.ReadAsync(TestContext.Current.CancellationToken), await received.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("X-A", "a\r\nX-B: b")]
    [InlineData("X-A", "a\nb")]
    [InlineData("X-A", "a\rb")]
    [InlineData("X-A", "a\0b")]
    [InlineData("Content-Type", "text/plain\r\nX-B: b")]
    public async Task A_value_that_would_break_a_line_is_never_sent(string name, string value)
    {
        var heads = new List<string>();
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is not { } head) return;
            lock (heads) heads.Add(head);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        using var client = new HttpMessageInvoker(Clients.Lean());
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream.Uri) { Content = new ByteArrayContent([]) };
        if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);

        await Answer.OfAsync(client, request);

        Assert.All(heads, h => Assert.DoesNotContain("\nX-B", h, StringComparison.Ordinal));
        Assert.All(heads, h => Assert.DoesNotContain("a\rb", h, StringComparison.Ordinal));
        Assert.All(heads, h => Assert.DoesNotContain('\0', h));
    }

    private static async Task<Answer> SendAsync(HttpMessageInvoker client, RawUpstream upstream, string name)
    {
        using (client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream.Uri);
            Requests[name](request);
            return await Answer.OfAsync(client, request);
        }
    }

    /// <summary>Chunks may be cut in any way.</summary>
    private static string Joined(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (!request[..end].Contains("chunked", StringComparison.Ordinal)) return request;
        var body = new StringBuilder();
        for (var at = end; ;)
        {
            var line = request.IndexOf("\r\n", at, StringComparison.Ordinal);
            var size = int.Parse(request.AsSpan(at, line - at), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            body.Append(request, line + 2, size);
            at = line + 2 + size + 2;
            if (size == 0) return $"{request[..end]}{body}[end]{request[at..]}";
        }
    }

    /// <summary>A body that comes in pieces, as YARP's does.</summary>
    private sealed class Pieces : HttpContent
    {
        private readonly string[] _pieces;

        public Pieces(int? length, params string[] pieces)
        {
            _pieces = pieces;
            if (length is { } stated) Headers.ContentLength = stated;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync(TestContext.Current.CancellationToken);
            foreach (var piece in _pieces)
            {
                await Task.Yield();
                await stream.WriteAsync(Encoding.ASCII.GetBytes(piece), TestContext.Current.CancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
