using Gateway.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Tests.Authentication;

public sealed class ApiKeyReaderTests
{
    private static readonly ApiKeyReader Default = new(new ApiKeyOptions { QueryParameter = "api_key" });

    [Theory] // headers as "name: value|name: value", query, key, place
    [InlineData("Authorization: Bearer k1", "", "k1", "Authorization")]
    [InlineData("authorization: bearer k1", "", "k1", "Authorization")]
    [InlineData("Authorization: BEARER   k1 ", "", "k1", "Authorization")]
    [InlineData("X-API-Key: k2", "", "k2", "X-API-Key")]
    [InlineData("X-API-Key: Bearer k2", "", "Bearer k2", "X-API-Key")]
    [InlineData("X-API-Key: k2|Authorization: Bearer k1", "", "k1", "Authorization")]
    [InlineData("Authorization: Basic dTpw|X-API-Key: k2", "", "k2", "X-API-Key")]
    [InlineData("Authorization: Bearer|X-API-Key: k2", "", "k2", "X-API-Key")]
    [InlineData("Authorization: Bearerk1|X-API-Key: k2", "", "k2", "X-API-Key")]
    [InlineData("X-API-Key: |Authorization: ", "?api_key=k3", "k3", "api_key")]
    [InlineData("X-API-Key: k2", "?api_key=k3", "k2", "X-API-Key")]
    [InlineData("", "?API_KEY=k%2b3", "k+3", "api_key")]
    public void The_first_place_in_order_that_has_a_key_counts(string headers, string query, string key, string place)
    {
        var found = Default.Read(Headers(headers), Query(query));
        Assert.Equal((KeyPresence.Found, key, place), (found.Presence, found.Key, found.Place));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Authorization: Basic dTpw", "?key=k")]
    [InlineData("X-API-Key:  ", "?api_key=")]
    public void Without_a_key_there_is_none(string headers, string query) =>
        Assert.Equal(KeyPresence.None, Default.Read(Headers(headers), Query(query)).Presence);

    [Theory]
    [InlineData("Authorization: Bearer k1|Authorization: Bearer k1", "")]
    [InlineData("Authorization: Basic dTpw|Authorization: Bearer k1", "")]
    [InlineData("X-API-Key: k1|X-API-Key: k2", "")]
    [InlineData("", "?api_key=k1&API_KEY=k2")]
    public void Several_values_in_one_place_are_ambiguous(string headers, string query)
    {
        var found = Default.Read(Headers(headers), Query(query));
        Assert.Equal(KeyPresence.Ambiguous, found.Presence);
        Assert.Null(found.Key);
    }

    [Fact]
    public void Places_and_their_order_are_configured()
    {
        var reader = new ApiKeyReader(new ApiKeyOptions { Headers = { "X-Auth-Token", "Authorization" } });
        Assert.Equal("t", reader.Read(Headers("Authorization: Bearer k1|X-Auth-Token: t"), Query("")).Key);
        Assert.Equal(KeyPresence.None, reader.Read(Headers("X-API-Key: k2"), Query("?api_key=k")).Presence);
    }

    [Theory] // before, after; and the query the same way
    [InlineData("Authorization: Bearer k1|Accept: x", "Accept: x", "?a=1", "?a=1")]
    [InlineData("Authorization: Bearer k1|X-API-Key: k1", "", "?api_key=k1", "")]
    [InlineData("Authorization: Bearer k1|X-API-Key: k2", "X-API-Key: k2", "?api_key=k3", "?api_key=k3")]
    [InlineData("Authorization: Basic dTpw|X-API-Key: k2", "Authorization: Basic dTpw", "", "")]
    [InlineData("Authorization: Bearer k1|X-API-Key: k2|X-API-Key: k1", "", "", "")]
    [InlineData("", "", "?a=%20+1&api_key=k1&&b;=%zz&c", "?a=%20+1&&b;=%zz&c")]
    [InlineData("", "", "?api_key=k1&a=1", "?a=1")]
    [InlineData("", "", "?a=1&API%5fKEY=k%31", "?a=1")]
    [InlineData("", "", "?api_key=k1&", "?")]
    public void The_key_is_taken_out_and_everything_else_stays(string headers, string kept, string query, string forwarded)
    {
        var dictionary = Headers(headers);
        var found = Default.Read(dictionary, Query(query));
        Assert.Equal(KeyPresence.Found, found.Presence);

        var stripped = Default.Strip(in found, dictionary, new QueryString(query.Length == 0 ? null : query));

        Assert.Equal(forwarded, stripped.Value ?? "");
        Assert.Equal(Headers(kept).OrderBy(h => h.Key), dictionary.OrderBy(h => h.Key));
    }

    [Fact]
    public void Without_a_key_nothing_is_taken_out()
    {
        var headers = Headers("Authorization: Basic dTpw");
        Assert.Equal("?a=1", Default.Strip(default, headers, new QueryString("?a=1")).Value);
        Assert.Single(headers);
    }

    [Fact]
    public void A_candidate_does_not_print_its_key() =>
        Assert.Equal("Found in X-API-Key", Default.Read(Headers("X-API-Key: k2"), Query("")).ToString());

    private static HeaderDictionary Headers(string text)
    {
        var headers = new HeaderDictionary();
        foreach (var line in text.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Append(line[..colon], line[(colon + 1)..].TrimStart());
        }
        return headers;
    }

    private static QueryCollection Query(string text) => new(QueryHelpers.ParseQuery(text));
}
