using System.Collections.Immutable;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Authentication;

/// <summary>Finds the key of a request, and takes it out of what the upstream will see.</summary>
internal sealed class ApiKeyReader(ApiKeyOptions options)
{
    private const string Authorization = "Authorization";
    private const string Bearer = "Bearer";

    private readonly ImmutableArray<string> _headers = [.. options.Headers.Count > 0 ? options.Headers : ApiKeyOptions.DefaultHeaders];
    private readonly string? _parameter = options.QueryParameter;

    /// <summary>A query is not taken apart where no key can be in it.</summary>
    public ApiKeyCandidate Read(HttpRequest request) => Read(request.Headers, _parameter is null ? QueryCollection.Empty : request.Query);

    /// <summary>The first place, in the configured order, that has a key.</summary>
    public ApiKeyCandidate Read(IHeaderDictionary headers, IQueryCollection query)
    {
        foreach (var header in _headers)
        {
            if (!headers.TryGetValue(header, out var values)) continue;
            if (values.Count > 1) return new ApiKeyCandidate(KeyPresence.Ambiguous, null, header);
            var value = values.ToString();
            var key = KeyIn(header, value);
            if (!key.IsEmpty) return new ApiKeyCandidate(KeyPresence.Found, key.Length == value.Length ? value : key.ToString(), header);
        }

        if (_parameter is null || !query.TryGetValue(_parameter, out var parameters)) return default;
        if (parameters.Count > 1) return new ApiKeyCandidate(KeyPresence.Ambiguous, null, _parameter);
        return string.IsNullOrEmpty(parameters) ? default : new ApiKeyCandidate(KeyPresence.Found, parameters, _parameter);
    }

    /// <summary>
    /// Removes the key wherever a configured place carries it; other credentials stay, they may be the upstream's. Answers the query to
    /// forward: the same text, without the key's parameter.
    /// </summary>
    public QueryString Strip(in ApiKeyCandidate found, IHeaderDictionary headers, QueryString query)
    {
        if (found.Key is not { } key) return query;

        foreach (var header in _headers)
        {
            if (!headers.TryGetValue(header, out var values)) continue;
            foreach (var value in values)
            {
                if (!KeyIn(header, value).SequenceEqual(key)) continue;
                headers.Remove(header);
                break;
            }
        }
        return _parameter is null || !query.HasValue ? query : WithoutKey(query, _parameter, key);
    }

    /// <summary>Empty where there is none.</summary>
    private static ReadOnlySpan<char> KeyIn(string header, ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (!header.Equals(Authorization, StringComparison.OrdinalIgnoreCase)) return value;
        if (!value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return default;
        value = value[Bearer.Length..];
        return value is [' ' or '\t', ..] ? value.TrimStart() : default;
    }

    private static QueryString WithoutKey(QueryString query, string parameter, string key)
    {
        var parts = query.Value!.Split('&'); // the first one begins with '?'
        parts[0] = parts[0][1..];
        var kept = parts.Where(part => !IsKey(part, parameter, key)).ToArray();
        if (kept.Length == parts.Length) return query;
        return kept.Length == 0 ? QueryString.Empty : new QueryString("?" + string.Join('&', kept));
    }

    private static bool IsKey(string part, string parameter, string key)
    {
        foreach (var pair in new QueryStringEnumerable(part)) // decodes as the server did
        {
            return pair.DecodeName().Span.Equals(parameter, StringComparison.OrdinalIgnoreCase) && pair.DecodeValue().Span.SequenceEqual(key);
        }
        return false;
    }
}
