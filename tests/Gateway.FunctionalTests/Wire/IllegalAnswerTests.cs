using System.Net.Sockets;
using System.Text;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>
/// What an upstream sends that is not HTTP ends as a 502 where the client has nothing yet, and otherwise breaks off; as docs/charges.md says of an upstream
/// that breaks off, it costs nothing. The next request is not harmed.
/// </summary>
public sealed class IllegalAnswerTests(WireWorld world) : IClassFixture<WireWorld>
{
    private const string Refused = "502";
    private const string BrokenOff = "broken off";

    private static readonly (string Name, string Answer, string End)[] Rows =
    [
        ("no answer", "Connection: close", Refused),
        ("a status line that is none", "HELLO\r\n\r\nConnection: close", Refused),
        ("a status that is no number", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n", Refused),
        ("a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", Refused),
        ("a return in a reason", "HTTP/1.1 200 Fi\rne\r\nContent-Length: 0\r\n\r\n", Refused),
        ("a NUL in a reason", "HTTP/1.1 200 Fi\0ne\r\nContent-Length: 0\r\n\r\n", Refused),
        ("another protocol", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", Refused),
        ("a header without a colon", "HTTP/1.1 200 OK\r\nX-Foo\r\nContent-Length: 0\r\n\r\n", Refused),
        ("a head that is cut short", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close", Refused),
        ("headers beyond any limit", $"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 70_000)}\r\nContent-Length: 0\r\n\r\n", Refused),
        ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok!", Refused),
        ("a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\nConnection: close\r\n\r\nok", Refused),
        ("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\nConnection: close\r\n\r\nok", Refused),
        ("an upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: own\r\n\r\n", Refused),
        ("less than its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nok", BrokenOff),
        ("a chunk's size that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\nzz\r\n", BrokenOff),
        ("no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n", BrokenOff),
        ("more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", "ok"),
        ("a length beside chunks", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "ok"),
    ];

    public static TheoryData<string> Names { get; } = new(Rows.Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task An_illegal_answer_ends_as_a_502_or_breaks_off_and_costs_nothing(string name)
    {
        var row = Rows.Single(r => r.Name == name);
        var (_, before) = await world.EndedAsync(world.Held());
        world.Upstream.Answer(row.Answer);

        var end = EndOf(await AskAsync());

        if (row.End == BrokenOff) Assert.Contains(end, (string[])[BrokenOff, Refused]); // the client may have nothing yet
        else Assert.Equal(row.End, end);
        var held = world.Held();
        Assert.Equal((held, before + (end == "ok" ? 1 : 0)), await world.EndedAsync(held));
        world.Upstream.Answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
        Assert.Equal("next", EndOf(await AskAsync()));
        Assert.Equal((held + 1, before + (end == "ok" ? 2 : 1)), await world.EndedAsync(held + 1));
    }

    /// <summary>All that comes until the connection ends, in whichever way.</summary>
    private async Task<string> AskAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(world.Http1.Host, world.Http1.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(WireRow.Complete(WireRow.Get)));
        using var answer = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(answer);
        }
        catch (IOException)
        {
            // broken off
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private static string EndOf(string answer)
    {
        var status = answer.Split(' ').ElementAtOrDefault(1);
        if (status != "200") return status ?? BrokenOff;
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (RawHttp.Header(answer, "Transfer-Encoding") is not null) return body.EndsWith("0\r\n\r\n", StringComparison.Ordinal) ? RawHttp.Unchunked(answer) : BrokenOff;
        return $"{body.Length}" == RawHttp.Header(answer, "Content-Length") ? body : BrokenOff;
    }
}
