using System.Net;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class ValidationTests
{
    [Theory]
    [InlineData("""{"language_id":63}""", "source_code", "can't be blank")]
    [InlineData("""{"language_id":63,"source_code":""}""", "source_code", "can't be blank")]
    [InlineData("""{"language_id":63,"source_code":" \n"}""", "source_code", "can't be blank")]
    [InlineData("""{"language_id":63,"source_code":null}""", "source_code", "can't be blank")]
    [InlineData("""{"language_id":63,"source_code":5}""", "source_code", "must be a string")]
    [InlineData("""{"language_id":63,"source_code":"\ud800"}""", "source_code", "must be a string")]
    [InlineData("""{"language_id":63,"source_code":"1","stdin":[]}""", "stdin", "must be a string")]
    [InlineData("""{"language_id":63,"source_code":"1","expected_output":1}""", "expected_output", "must be a string")]
    [InlineData("""{"source_code":"1"}""", "language_id", "can't be blank")]
    [InlineData("""{"source_code":"1","language_id":9999}""", "language_id", "language with id 9999 doesn't exist")]
    [InlineData("""{"source_code":"1","language_id":"x"}""", "language_id", "language with id x doesn't exist")]
    [InlineData("""{"source_code":"1","language_id":-63}""", "language_id", "language with id -63 doesn't exist")]
    [InlineData("""{"source_code":"1","language_id":71}""", "language_id", "language with id 71 doesn't exist")]
    [InlineData("""{"source_code":"1","language_id":63,"cpu_time_limit":0}""", "cpu_time_limit", "must be greater than 0 and less than or equal to 15")]
    [InlineData("""{"source_code":"1","language_id":63,"cpu_time_limit":15.1}""", "cpu_time_limit", "must be greater than 0 and less than or equal to 15")]
    [InlineData("""{"source_code":"1","language_id":63,"cpu_time_limit":"NaN"}""", "cpu_time_limit", "must be greater than 0 and less than or equal to 15")]
    [InlineData("""{"source_code":"1","language_id":63,"cpu_time_limit":"\udc00"}""", "cpu_time_limit", "must be greater than 0 and less than or equal to 15")]
    [InlineData("""{"source_code":"1","language_id":63,"wall_time_limit":-1}""", "wall_time_limit", "must be greater than 0 and less than or equal to 20")]
    [InlineData("""{"source_code":"1","language_id":63,"wall_time_limit":true}""", "wall_time_limit", "must be greater than 0 and less than or equal to 20")]
    [InlineData("""{"source_code":"1","language_id":63,"memory_limit":512001}""", "memory_limit", "must be greater than 0 and less than or equal to 512000")]
    public async Task What_is_wrong_is_named_by_its_field(string body, string field, string message)
    {
        await using var server = await StartAsync();
        var (status, errors) = await server.PostTextAsync("/submissions?wait=true", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var error = Assert.Single(errors!.AsObject());
        Assert.Equal(field, error.Key);
        Assert.Equal(message, (string?)Assert.Single(error.Value!.AsArray()));
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        await using var server = await StartAsync();
        var (_, errors) = await server.PostTextAsync("/submissions", """{"cpu_time_limit":99,"memory_limit":0}""");

        Assert.Equal(["source_code", "language_id", "cpu_time_limit", "memory_limit"], errors!.AsObject().Select(e => e.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"source_code":"1","source_code":"2","language_id":63}""")]
    public async Task A_body_that_is_no_object_is_a_bad_request(string body)
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostTextAsync("/submissions", body)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostTextAsync("/submissions/batch", body)).Status);
    }

    [Fact]
    public async Task Numbers_may_come_as_text_and_null_means_the_default()
    {
        await using var server = await StartAsync();
        var (status, result) = await server.PostTextAsync(
            "/submissions?wait=true", """{"source_code":"console.log(1)","language_id":"63","cpu_time_limit":"2.5","memory_limit":null,"stdin":null}""");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(3, StatusOf(result!));
    }

    [Fact]
    public async Task Languages_and_statuses_are_listed()
    {
        await using var server = await StartAsync();
        var languages = (await server.GetAsync("/languages")).Body!.AsArray();
        var statuses = (await server.GetAsync("/statuses")).Body!.AsArray();

        Assert.Equal([63, 163], languages.Select(l => (int)l!["id"]!));
        Assert.Equal([1, 2, 3, 4, 5, 6, 11, 13], statuses.Select(s => (int)s!["id"]!));
        Assert.Equal(63, (int)(await server.GetAsync("/languages/63")).Body!["id"]!);
        Assert.Equal("ok", (string?)(await server.GetAsync("/health")).Body!["status"]);
    }
}
