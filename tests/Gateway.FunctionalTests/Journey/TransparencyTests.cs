using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>Unmodified clients: what passes through is what would pass without the gateway, to the byte, apart from the documented headers.</summary>
public sealed class TransparencyTests
{
    private static readonly string[] AddedToRequests =
        ["Host", "X-Customer-Id", "X_Customer_Id", "X-Customer_Id", "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X_Forwarded_For", "x-forwarded_proto", "traceparent", "Connection"];

    private static readonly string[] AddedToAnswers = ["X-Request-Id", "Usage-Receipt", "Usage-Quantity", "Usage-Remaining", "Date", "Connection"];

    [Theory]
    [InlineData("GET /languages HTTP/1.1\r\nHost: h\r\nConnection: close\r\n@KEY\r\n")]
    [InlineData("GET /languages/63 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n@KEY\r\n")]
    [InlineData("GET /submissions/no-such-token?base64_encoded=true&fields=* HTTP/1.1\r\nHost: h\r\nConnection: close\r\n@KEY\r\n")]
    [InlineData("POST /submissions?wait=true HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 19\r\nConnection: close\r\n@KEY\r\n{\"language_id\": 63}")]
    [InlineData("POST /submissions/?wait=true HTTP/1.1\r\nHost: h\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: 2\r\nConnection: close\r\n@KEY\r\n{}")]
    public async Task The_runner_asked_directly_and_through_the_gateway_answers_the_same_bytes(string request)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();

        var direct = await RawHttp.ExchangeAsync(world.Runner.BaseAddress!, request.Replace("@KEY", "", StringComparison.Ordinal));
        var through = await RawHttp.ExchangeAsync(gateway.Address, request.Replace("@KEY", $"X-API-Key: {World.Key}\r\n", StringComparison.Ordinal));

        Assert.NotNull(RawHttp.Header(through, "X-Request-Id"));
        Assert.Equal(RawHttp.Without(direct, AddedToAnswers), RawHttp.Without(through, AddedToAnswers));
    }

    [Theory]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 5\r\nX-Odd: a,b;q=\"1\"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nhello")]
    [InlineData("HTTP/1.1 204 No Content\r\nX-Thing: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: own/1.0\r\n\r\n")]
    [InlineData("HTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 2\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n{}")]
    public async Task A_request_reaches_the_upstream_as_it_was_sent_and_the_answer_comes_back_as_it_was_given(string answer)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root => root.UseUpstream(upstream.Address));
        upstream.Answer(answer);
        const string Body = "{ \"language_id\" : 63,\r\n \"source_code\":\"\u00e9\\u00e9\" }";
        var utf8 = System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(Body));
        var request = $"POST /submissions?wait=true&x=a%2Fb%20c+d&empty= HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nContent-Type: application/json\r\n"
            + $"X-Auth-Token: upstreams-own\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: {utf8.Length}\r\nConnection: close\r\n"
            + "Authorization: Bearer @KEY\r\nX-Customer-Id: cus_forged\r\nX-Request-Id: forged\r\nX_Customer_Id: cus_forged\r\nX-Customer_Id: cus_forged\r\n"
            + "X_Forwarded_For: forged\r\nx-forwarded_proto: forged\r\nx_under: passes\r\n\r\n" + utf8;

        var through = await RawHttp.ExchangeAsync(gateway.Address, request.Replace("@KEY", World.Key, StringComparison.Ordinal));

        Assert.Equal(RawHttp.Without(answer, AddedToAnswers), RawHttp.Without(through, AddedToAnswers));
        var arrived = Assert.Single(upstream.Requests);
        Assert.Equal(
            RawHttp.Without(request, [.. AddedToRequests, "Authorization"]).Replace("X-Twice: 1\r\nX-Twice: 2", "X-Twice: 1, 2", StringComparison.Ordinal),
            RawHttp.Without(arrived, [.. AddedToRequests, "Authorization"]).Replace("X-Twice: 1\r\nX-Twice: 2", "X-Twice: 1, 2", StringComparison.Ordinal));
        Assert.Equal(World.Customer, RawHttp.Header(arrived, "X-Customer-Id"));
        Assert.DoesNotContain(World.Key, arrived, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", arrived, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_sent_where_none_is_asked_for_does_not_reach_the_upstream_either()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root => root.UseUpstream(upstream.Address));
        upstream.Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        foreach (var key in (string[])[World.Key, "somebody_elses_credential"])
        {
            await RawHttp.ExchangeAsync(gateway.Address, $"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n");
        }

        Assert.Equal([null, "Bearer somebody_elses_credential"], upstream.Requests.Select(r => RawHttp.Header(r, "Authorization")));
    }

    [Fact]
    public async Task A_chunked_body_on_a_body_rule_arrives_whole()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root => root.UseUpstream(upstream.Address));
        upstream.Answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

        await RawHttp.ExchangeAsync(gateway.Address,
            $"POST /submissions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-API-Key: {World.Key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + "f\r\n{\"language_id\":\r\n4\r\n 163\r\n1\r\n}\r\n0\r\n\r\n");

        var arrived = Assert.Single(upstream.Requests);
        Assert.Equal("{\"language_id\": 163}", RawHttp.Unchunked(arrived));
        Assert.Equal(1, (await world.LedgerWhenAsync(l => l.Events("bm_premium") > 0)).Quantity("bm_premium"));
    }
}
