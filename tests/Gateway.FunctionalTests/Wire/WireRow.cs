using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>One odd but legal exchange.</summary>
/// <param name="Name">What is odd about it.</param>
/// <param name="Request">As the client sends it; <c>@</c> at the beginning of its headers stands for those that every request has.</param>
/// <param name="Answer">As the upstream sends it.</param>
/// <param name="Arrives">What the upstream sees, where that is not what was sent.</param>
/// <param name="Returns">What the client sees, where that is not what was answered.</param>
/// <param name="Change">The words of docs/transparency.md for the difference.</param>
internal sealed record WireRow(
    string Name, string Request, string Answer = WireRow.Ok, string? Arrives = null, string? Returns = null, string? Change = null)
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    public const string Get = "GET / HTTP/1.1\r\n@\r\n";

    /// <summary>The header of requests that YARP itself forwards; the upstream does not see it.</summary>
    public const string Way = "X-Way";

    private static readonly string[] AddedToRequests =
        ["Host", "X-API-Key", "X-Customer-Id", "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "traceparent", "Connection"];

    private static readonly string[] AddedToAnswers = ["X-Request-Id", "Usage-Receipt", "Usage-Quantity", "Usage-Remaining", "Date", "Connection"];

    public string Sent => Complete(Request);

    public string SentByYarp => Complete(Request.Replace("\r\n@", $"\r\n@{Way}: yarp\r\n", StringComparison.Ordinal));

    public string ExpectedAtUpstream => Comparable((Arrives ?? Request).Replace("\r\n@", "\r\n", StringComparison.Ordinal), AddedToRequests);

    public string ExpectedAtClient => Comparable(Returns ?? Answer, AddedToAnswers);

    /// <summary>Puts in what every request has.</summary>
    public static string Complete(string request) => request.Replace("@KEY", World.Key, StringComparison.Ordinal)
        .Replace("\r\n@", $"\r\nHost: h\r\nConnection: close\r\nX-API-Key: {World.Key}\r\n", StringComparison.Ordinal);

    public static string RequestOf(string message) => Comparable(message, AddedToRequests);

    public static string AnswerOf(string message) => Comparable(message, AddedToAnswers);

    /// <summary>To the letter, but for the order of headers with different names, and where chunks begin and end.</summary>
    private static string Comparable(string message, string[] without)
    {
        var end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = message[..end].Split("\r\n");
        var headers = lines.Skip(1)
            .Where(line => !without.Any(n => line.StartsWith(n + ":", StringComparison.OrdinalIgnoreCase)))
            .OrderBy(line => line.Split(':')[0], StringComparer.OrdinalIgnoreCase);
        return string.Join("\r\n", [lines[0], .. headers, "", RawHttp.Unchunked(message), RawHttp.Trailers(message)]);
    }
}
