namespace Gateway.Admin;

internal sealed class AdminOptions
{
    /// <summary>Where health and administration answer; apart from the public port. <c>http://</c>, an IP address or <c>localhost</c>, and a port; TLS belongs in front of it. Default <c>http://127.0.0.1:8081</c>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8081";

    /// <summary>Bearer token for everything but <c>/healthz</c> and <c>/readyz</c>. Without one, only those two answer.</summary>
    public string? Token { get; set; }
}
