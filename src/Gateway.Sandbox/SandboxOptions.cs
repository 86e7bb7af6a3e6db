namespace Gateway.Sandbox;

/// <summary>How the sandbox is set up.</summary>
public sealed record SandboxOptions
{
    /// <summary>Where it listens; <c>;</c> between several. Default <c>http://127.0.0.1:8090</c>.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:8090";

    /// <summary>Bearer keys that are accepted. Live keys (<c>sk_live_…</c>) never are. Default <c>sk_test_sandbox</c>.</summary>
    public IReadOnlyList<string> ApiKeys { get; set; } = ["sk_test_sandbox"];

    /// <summary>The one merchant there is. Default <c>org_sandbox</c>.</summary>
    public string MerchantId { get; set; } = "org_sandbox";

    /// <summary>How long an entitlement holds money. Paygentic documents no number. Default 24 hours.</summary>
    public TimeSpan EntitlementLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether an event beyond an entitlement's uses is refused (400) instead of paid from the wallet. Default false.</summary>
    public bool StrictUses { get; set; }

    /// <summary>
    /// Whether a customer gets another subscription to a plan that there is one to already. Paygentic does not document what makes two creations the same
    /// subscription. Default false.
    /// </summary>
    public bool RepeatedSubscriptions { get; set; }

    /// <summary>Portal links a subscription may ask for in one second; more are answered 429. Default 1, as Paygentic documents.</summary>
    public int PortalCallsPerSecond { get; set; } = 1;

    /// <summary>How many accepted events are kept for reading, the newest; all are counted and de-duplicated. Default 100,000.</summary>
    public int KeepEvents { get; set; } = 100_000;

    /// <summary>What is there at the start, and after a reset.</summary>
    public SandboxSeed Seed { get; set; } = new();
}
