using System.Net.Sockets;
using System.Text;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Recovery;

/// <summary>An answer that a client has in full is always charged: the settlement is in the journal before the byte that completes it.</summary>
public sealed class SettlementOrderTests
{
    /// <summary>Up to the bar the answer is not complete; after it, it is.</summary>
    public static TheoryData<string, string> Answers { get; } = new()
    {
        { "POST", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell|o" },
        { "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n|1\r\no\r\n0\r\n\r\n" },
        { "POST", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhell|o" },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task What_was_sent_before_the_last_byte_is_not_charged_yet_and_the_whole_answer_always_is(string method, string answer)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
        });
        var rest = upstream.AnswerInTwoParts(answer);
        var journal = gateway.Services.GetRequiredService<UsageJournal>();
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Request(method), TestContext.Current.CancellationToken);

        await ReadUntilAsync(stream, "hell");
        Assert.Equal(0, Settlements(journal));

        rest.SetResult();
        await ReadUntilAsync(stream, "o");
        if (!answer.Contains("Content-Length", StringComparison.Ordinal)) await ReadUntilAsync(stream, "0\r\n\r\n");
        Assert.Equal(1, Settlements(journal));
    }

    [Theory]
    [InlineData("POST", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("POST", "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n")]
    public async Task An_answer_without_a_body_is_charged_before_its_headers_are_sent(string method, string answer)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["ReverseProxy"]!["Routes"]!["submissions"]!["Match"]!["Methods"] = new System.Text.Json.Nodes.JsonArray("POST", "HEAD");
            root.UseUpstream(upstream.Address);
        });
        upstream.Answer(answer);
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Request(method), TestContext.Current.CancellationToken);

        await ReadUntilAsync(stream, "\r\n\r\n");

        Assert.Equal(1, Settlements(gateway.Services.GetRequiredService<UsageJournal>()));
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\noops")]
    public async Task A_status_that_is_not_billable_charges_nothing(string answer)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
        });
        upstream.Answer(answer);

        for (var i = 0; i < 20; i++) // twice a lease: the holds must have come back
        {
            using var response = await gateway.Client.SubmitAsync("x");
            Assert.Equal("oops", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, Settlements(gateway.Services.GetRequiredService<UsageJournal>()));
        Assert.Equal(1, (await world.LedgerAsync()).Calls("POST /v0/entitlements"));
    }

    [Fact]
    public async Task An_upstream_that_breaks_off_in_the_middle_charges_nothing_and_the_client_sees_the_break()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
        });
        upstream.Answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nonly this");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.SubmitAsync("x"));

        await gateway.StopAsync(); // the request has then ended
        Assert.Equal(0, (await world.LedgerAsync()).Charged);
    }

    private static byte[] Request(string method) => Encoding.Latin1.GetBytes(
        $"{method} /submissions HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\nContent-Length: 0\r\n\r\n");

    private static int Settlements(UsageJournal journal)
    {
        var count = 0;
        using var reader = journal.ReadFrom(journal.Start);
        while (reader.TryRead(out var entry))
        {
            if (entry.IsSettled && entry.Read<Settled>().Settlement.Charges.Length > 0) count++;
        }

        return count;
    }

    private static async Task ReadUntilAsync(NetworkStream stream, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            Assert.NotEqual(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
            text.Append((char)buffer[0]);
        }
    }
}
