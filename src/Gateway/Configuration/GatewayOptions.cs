using Gateway.Admin;
using Gateway.Authentication;
using Gateway.Billing.Paygentic;
using Gateway.Idempotency;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Onboarding;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.SelfService;
using Gateway.Shipping;

namespace Gateway.Configuration;

/// <summary>The configuration section <c>Gateway</c>. <c>ReverseProxy</c> beside it is YARP's own.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Folder for the journal and the embedded Redis; created when missing. One gateway process at a time may use it. A relative path begins at the folder that the gateway is started in. Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>How many bytes of a request body are looked at on routes with a body rule: 1 to 1,048,576. A longer body is refused with 413. Default 65,536.</summary>
    public int MaxInspectedBodyBytes { get; set; } = 64 * 1024;

    public PaygenticOptions Paygentic { get; set; } = new();

    public RedisOptions Redis { get; set; } = new();

    public AdminOptions Admin { get; set; } = new();

    public ApiKeyOptions ApiKeys { get; set; } = new();

    /// <summary>What can be charged for, by a name of your own.</summary>
    public Dictionary<string, MetricOptions> Metrics { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What customers can sign up for, by a name of your own.</summary>
    public Dictionary<string, PlanOptions> Plans { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Jobs that are submitted by one request and fetched by another, by a name of your own.</summary>
    public Dictionary<string, JobOptions> Jobs { get; set; } = new(StringComparer.Ordinal);

    public IdempotencyOptions Idempotency { get; set; } = new();

    public SelfServiceOptions SelfService { get; set; } = new();

    public ReservationOptions Reservations { get; set; } = new();

    public JournalOptions Journal { get; set; } = new();

    public ShippingOptions Shipping { get; set; } = new();

    // Gateway:Routes is read by Pricing: its rules take forms (a value or a list of values) that the binder cannot bind.
}
