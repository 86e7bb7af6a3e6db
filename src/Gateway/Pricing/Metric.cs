using Gateway.Model;

namespace Gateway.Pricing;

/// <summary>What is charged for; one per entry of <c>Gateway:Metrics</c>.</summary>
internal sealed record Metric(MetricName Name, string BillableMetricId, string Unit, Rounding Rounding)
{
    private const string ShadowSuffix = "~shadow"; // no configured name has a tilde

    /// <summary>The same under another name, so that accounts, leases and fractions of what is only tried out touch nothing of what is charged.</summary>
    public Metric AsShadow() => this with { Name = new MetricName(Name.Value + ShadowSuffix) };

    /// <summary>Nobody is charged.</summary>
    public bool IsShadow => Name.Value.EndsWith(ShadowSuffix, StringComparison.Ordinal);

    /// <summary>The name in the configuration.</summary>
    public static string ConfiguredName(MetricName name) =>
        name.Value.EndsWith(ShadowSuffix, StringComparison.Ordinal) ? name.Value[..^ShadowSuffix.Length] : name.Value;
}
