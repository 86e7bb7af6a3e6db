namespace Gateway.Authentication;

internal sealed class ApiKeyOptions
{
    /// <summary>
    /// Request headers that may carry the key, in the order they are looked at. <c>Authorization</c> is read as <c>Bearer &lt;key&gt;</c>, any other
    /// header as the bare key. Default <c>Authorization</c>, <c>X-API-Key</c>.
    /// </summary>
    public List<string> Headers { get; set; } = [];

    /// <summary>Query parameter that may carry the key; looked at last and stripped before forwarding. Off (null) by default: URLs end up in logs.</summary>
    public string? QueryParameter { get; set; }

    /// <summary>What issued keys begin with: 1 to 16 of a-z and 0-9. Keys issued under another prefix stay good. Default <c>gw</c>.</summary>
    public string Prefix { get; set; } = "gw";

    /// <summary>Issued keys that this node keeps in memory, about 190 bytes each: 1,000 to 10,000,000. Default 1,000,000.</summary>
    public int CacheEntries { get; set; } = 1_000_000;

    /// <summary>
    /// Most look-ups of unknown keys a second in Redis, by this node: 1 to 100,000. Beyond it a key that is not in memory is answered 503; those that are
    /// in memory are not affected. Default 1,000.
    /// </summary>
    public int MaxLookupsPerSecond { get; set; } = 1_000;

    /// <summary>Seconds that issued keys in memory stay good while Redis can not be asked what was revoked: 1 to 86,400. Default 300.</summary>
    public int OfflineSeconds { get; set; } = 300;

    /// <summary>Keys known from configuration or environment.</summary>
    public List<StaticKeyOptions> Static { get; set; } = [];

    public static IReadOnlyList<string> DefaultHeaders { get; } = ["Authorization", "X-API-Key"];
}

internal sealed class StaticKeyOptions
{
    /// <summary>The key itself, at least 16 characters. Give this or <see cref="Sha256"/>. Only its hash is kept in memory after start.</summary>
    public string? Key { get; set; }

    /// <summary>Lower- or upper-case hexadecimal SHA-256 of the key's UTF-8 bytes, so that the file holds no secret.</summary>
    public string? Sha256 { get; set; }

    /// <summary>The customer at Paygentic who pays for what this key does.</summary>
    public string CustomerId { get; set; } = "";

    /// <summary>Where this customer can pay; shown in the 402 answer. Absolute http(s) URL, or null.</summary>
    public string? PaymentUrl { get; set; }

    /// <summary>YARP route ids this key may use; empty means all.</summary>
    public List<string> Routes { get; set; } = [];

    /// <summary>Requests a second this key may make, with a burst of one second's worth; null means no limit. 1 to 1,000,000.</summary>
    public int? RequestsPerSecond { get; set; }
}
