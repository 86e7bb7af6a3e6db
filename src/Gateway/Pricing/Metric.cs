using Gateway.Model;

namespace Gateway.Pricing;

/// <summary>What is charged for; one per entry of <c>Gateway:Metrics</c>.</summary>
internal sealed record Metric(MetricName Name, string BillableMetricId, string Unit, Rounding Rounding);
