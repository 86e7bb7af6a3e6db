using System.Globalization;
using Gateway.Model;

namespace Gateway.Cli.Journal;

/// <summary>A charge as it is exported.</summary>
/// <param name="IdempotencyKey">The key of its usage event, where charges are reported one by one.</param>
/// <param name="OccurredAt">When the request ended, UTC, ISO 8601.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="Route">YARP's route id; "" when it was charged at a restart.</param>
/// <param name="StatusCode">What the client was answered; 0 when it was charged at a restart.</param>
/// <param name="UpstreamMicroseconds">Time spent in the upstream.</param>
/// <param name="Metric">The metric's name in the configuration.</param>
/// <param name="BillableMetricId">The metric at Paygentic.</param>
/// <param name="Quantity">Whole units; 0: the request only added to the fraction carried.</param>
/// <param name="EntitlementId">What pays; none: uncovered.</param>
/// <param name="CarryMicroUnits">The account's fraction after this charge, in millionths of a unit.</param>
internal sealed record ExportedCharge(
    string IdempotencyKey, string OccurredAt, string Customer, string Route, int StatusCode, long UpstreamMicroseconds, string Metric,
    string BillableMetricId, long Quantity, string? EntitlementId, int CarryMicroUnits)
{
    public static ExportedCharge Of(in Settlement settlement, int index)
    {
        var charge = settlement.Charges.Span[index];
        return new ExportedCharge(
            UsageKey.Of(settlement.RequestId, index), settlement.OccurredAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), settlement.Customer.Value,
            settlement.RouteId, settlement.StatusCode, settlement.UpstreamMicroseconds, charge.Metric.Value, charge.BillableMetricId, charge.Units,
            charge.Entitlement?.Value, charge.Carry.MicroUnits);
    }
}
