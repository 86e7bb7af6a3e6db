using System.ComponentModel.DataAnnotations;
using Gateway.Configuration;
using Gateway.Configuration.Reading;
using Gateway.Keys;
using Microsoft.AspNetCore.Http.Metadata;

namespace Gateway.Admin;

internal static class AdminRequests
{
    private const int LongestKey = 255;

    /// <summary>Null when there is none. Throws <see cref="BadHttpRequestException"/> for one that is too long.</summary>
    public static string? IdempotencyKey(this HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > LongestKey) throw new BadHttpRequestException($"The header Idempotency-Key has more than {LongestKey} characters.");
        return key.Length == 0 ? null : key;
    }

    /// <summary>A body of <see cref="JsonBodyAttribute"/>.</summary>
    /// <exception cref="BadHttpRequestException">There is none, or null.</exception>
    public static T Given<T>(this T? body)
        where T : class => body ?? throw new BadHttpRequestException("The body must be a JSON object.");

    /// <summary>Whether people can be shown it, in a terminal too, which control characters write to at will.</summary>
    public static bool IsPlain(this string? text) => text is null || !text.Any(char.IsControl);

    /// <summary>A whole key, which people may have at hand, is none: what is given for an id is written down.</summary>
    public static bool IsCustomerId(string text) => Checks.IsId(text) && !KeyText.TryReadId(text, out _);

    /// <summary>Once the answer is over, whether the client was still there or not: true when it was, and the whole answer was handed to the network.</summary>
    public static void WhenAnswered(this HttpContext context, Func<bool, Task> then) =>
        context.Response.OnCompleted(() => then(!context.RequestAborted.IsCancellationRequested));
}

/// <summary>What is wrong with a request, by field.</summary>
internal sealed class Mistakes
{
    private readonly Dictionary<string, List<string>> _byField = new(StringComparer.Ordinal);

    public void Unless(bool isRight, string field, string message)
    {
        if (isRight) return;
        if (!_byField.TryGetValue(field, out var messages)) _byField[field] = messages = [];
        messages.Add(message);
    }

    public Dictionary<string, string[]> ToDictionary() => _byField.ToDictionary(f => f.Key, f => f.Value.ToArray());
}

/// <summary>
/// A body that has to be there. Where it is not the parameter is null, whatever its type says, and <see cref="AdminRequests.Given"/> tells it: ASP.NET Core would
/// say how the endpoint is written.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class JsonBodyAttribute : RequiredAttribute, IFromBodyMetadata
{
    bool IFromBodyMetadata.AllowEmpty => true;
}

/// <summary>The routes of the configuration in force.</summary>
internal sealed class RouteIds(CurrentConfiguration configuration)
{
    public bool Contains(string routeId) => configuration.Snapshot.Catalog.TryGet(routeId, out _);
}
