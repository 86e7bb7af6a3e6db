using System.Net;

namespace Gateway.Configuration.Reading;

/// <summary>Rules that several settings share.</summary>
internal static class Checks
{
    public static string Required(this SectionReader at, string name, string hint)
    {
        var text = at.Text(name);
        if (string.IsNullOrWhiteSpace(text)) at.Error(name, $"is missing; {hint}");
        return text ?? "";
    }

    public const string MetricNameForm = "write 1 to 100 of a-z, 0-9, '-', '_' and '.', in lower case also in environment variables";

    /// <summary>
    /// Configuration keys compare without case, and an environment variable decides how one is spelt. A metric's name is part of an
    /// account's, so that only one spelling may do.
    /// </summary>
    public static bool IsMetricName(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    /// <summary>A required id: goes into keys and records, so it has neither spaces nor control characters.</summary>
    public static string RequiredId(this SectionReader at, string name, string hint)
    {
        var text = at.Required(name, hint);
        if (!string.IsNullOrWhiteSpace(text) && !IsId(text)) at.Error(name, "must be 1 to 200 characters without white space");
        return text;
    }

    public static bool IsId(string text) => text.Length is > 0 and <= 200 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>What is sent after <c>Bearer</c>: anything else no header can have, and no call would ever be made with it. The message does not repeat it.</summary>
    public static void Bearer(this SectionReader at, string name, string? token)
    {
        if (!string.IsNullOrWhiteSpace(token) && token.Any(c => c is < '!' or > '~'))
            at.Error(name, "must be visible ASCII characters without spaces; there may be a line break at its end");
    }

    /// <summary>The message does not repeat the URL: it may hold a password.</summary>
    public static void HttpUrl(this SectionReader at, string name, string? url)
    {
        if (string.IsNullOrWhiteSpace(url)) return;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
        {
            at.Error(name, "must be an absolute URL that begins with http:// or https://");
        }
    }

    /// <summary>An address to listen at. Kestrel reads it in a way of its own: what <see cref="Uri"/> takes for this machine can be every address there is to it.</summary>
    /// <returns>Null when it is none.</returns>
    public static BindingAddress? Address(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            var isHost = address.IsUnixPipe || address.IsNamedPipe || !address.Host.Contains(':', StringComparison.Ordinal) || IPAddress.TryParse(address.Host, out _);
            return isHost && address.Scheme.ToLowerInvariant() is "http" or "https" ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Dollars with at most two decimals.</summary>
    public static bool IsAmount(string text) =>
        decimal.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var amount)
        && amount is >= 0.01m and <= 5_000m && decimal.Round(amount, 2) == amount;

    /// <summary>A token of RFC 9110, as names of headers and methods are.</summary>
    public static bool IsToken(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
