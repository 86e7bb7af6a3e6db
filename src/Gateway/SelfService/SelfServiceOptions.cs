namespace Gateway.SelfService;

/// <summary>What the API's customers can do by themselves, with their own key.</summary>
internal sealed class SelfServiceOptions
{
    /// <summary>
    /// Path on the public port under which customers see their usage and their pages at Paygentic, and under which Paygentic's webhook arrives: for example
    /// <c>/billing</c>. What the API behind has there is out of reach. Default null: none of it is there.
    /// </summary>
    public string? Prefix { get; set; }

    /// <summary>Whether charged answers say in headers what they cost. Default true.</summary>
    public bool Receipts { get; set; } = true;

    public static bool IsPrefix(string text) =>
        text.Length is > 1 and <= 100 && text[0] == '/' && text[^1] != '/' && !text.Contains("//", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/');
}
