using System.Globalization;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Shipping;

/// <summary>The usage events of a settlement. They follow from it alone, so a restart makes the same ones with the same keys.</summary>
internal static class UsageEvents
{
    public static IEnumerable<UsageEvent> Of(Settlement settlement)
    {
        for (var i = 0; i < settlement.Charges.Length; i++)
        {
            var charge = settlement.Charges.Span[i];
            if (charge.Units == 0) continue; // a quantity on the wire is 1 or more
            yield return new UsageEvent(
                string.Create(CultureInfo.InvariantCulture, $"{settlement.RequestId:N}-{i}"),
                settlement.RequestId, i, settlement.Customer, charge.BillableMetricId, charge.Entitlement, charge.Units,
                settlement.OccurredAt, settlement.RouteId);
        }
    }
}
