using System.Text;
using Gateway.Pricing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Tests.Pricing;

/// <summary>Requests to match against.</summary>
internal static class Facts
{
    public static RequestFacts Of(
        string method = "POST", string query = "", (string Name, string[] Values)[]? headers = null, (string, object)[]? path = null, BodyValues body = default)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, values) in headers ?? []) dictionary[name] = values;
        var parameters = new RouteValueDictionary();
        foreach (var (name, value) in path ?? []) parameters[name] = value;
        return new RequestFacts(method, dictionary, query, new QueryCollection(QueryHelpers.ParseQuery(query)), parameters, body);
    }

    /// <summary>With <paramref name="json"/> as the body, read by the rule's own fields.</summary>
    public static RequestFacts WithBody(RouteRule rule, string json, string query = "") =>
        Of(query: query, body: rule.BodyFields!.Read(Encoding.UTF8.GetBytes(json)));
}
