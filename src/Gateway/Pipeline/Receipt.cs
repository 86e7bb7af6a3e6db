using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gateway.Model;
using Gateway.Reservations;

namespace Gateway.Pipeline;

/// <summary>Says in an answer's headers what it cost: dictionaries of metric and units, in the form of RFC 9651.</summary>
internal static class Receipt
{
    public static void Add(IHeaderDictionary headers, RequestId requestId, Reservation reservation)
    {
        headers[GatewayHeaders.UsageReceipt] = requestId.Text;
        if (reservation.Charged is { } charged)
        {
            AddQuantities(headers, CollectionsMarshal.AsSpan(charged));
            return;
        }

        // The headers go before the end is known: the list of usage has the quantity.
        var remaining = new DefaultInterpolatedStringHandler(16, 4, CultureInfo.InvariantCulture, stackalloc char[128]);
        var holds = CollectionsMarshal.AsSpan(reservation.Holds);
        for (var i = 0; i < holds.Length; i++)
        {
            if (!IsNamed(holds[..i], holds[i].Meter.Metric.Name)) Append(ref remaining, isFirst: i == 0, holds[i].Meter.Metric.Name.Value, AtHand(holds[i].Account));
        }

        headers[GatewayHeaders.UsageRemaining] = remaining.ToStringAndClear();
    }

    /// <summary>The request was charged when it first came.</summary>
    public static void AddRepeat(IHeaderDictionary headers, Guid receipt)
    {
        headers[GatewayHeaders.UsageReceipt] = GatewayHeaders.Format(receipt);
        headers[GatewayHeaders.UsageRepeat] = "?1"; // a boolean of RFC 9651
    }

    private static void AddQuantities(IHeaderDictionary headers, ReadOnlySpan<(Account Account, Pricing.Meter Meter, long Units)> charged)
    {
        var quantity = new DefaultInterpolatedStringHandler(16, 4, CultureInfo.InvariantCulture, stackalloc char[128]);
        var remaining = new DefaultInterpolatedStringHandler(16, 4, CultureInfo.InvariantCulture, stackalloc char[128]);
        for (var i = 0; i < charged.Length; i++)
        {
            var name = charged[i].Meter.Metric.Name;
            if (IsNamed(charged[..i], name)) continue;
            var units = 0L;
            foreach (ref readonly var charge in charged[i..]) units += charge.Meter.Metric.Name == name ? charge.Units : 0;
            Append(ref quantity, isFirst: i == 0, name.Value, units);
            Append(ref remaining, isFirst: i == 0, name.Value, AtHand(charged[i].Account));
        }

        headers[GatewayHeaders.UsageQuantity] = quantity.ToStringAndClear();
        headers[GatewayHeaders.UsageRemaining] = remaining.ToStringAndClear();
    }

    /// <summary>Of a name that stands in a dictionary twice readers take the last.</summary>
    private static bool IsNamed(ReadOnlySpan<(Account Account, Pricing.Meter Meter, long Units)> before, MetricName name)
    {
        foreach (ref readonly var charge in before)
        {
            if (charge.Meter.Metric.Name == name) return true;
        }

        return false;
    }

    private static bool IsNamed(ReadOnlySpan<Hold> before, MetricName name)
    {
        foreach (ref readonly var hold in before)
        {
            if (hold.Meter.Metric.Name == name) return true;
        }

        return false;
    }

    private static void Append(ref DefaultInterpolatedStringHandler text, bool isFirst, string name, long units)
    {
        if (!isFirst) text.AppendLiteral(", ");
        text.AppendLiteral(name);
        text.AppendLiteral("=");
        text.AppendFormatted(units);
    }

    private static long AtHand(Account account)
    {
        var units = 0L;
        foreach (var lease in account.Leases) units += lease.UnitsLeft;
        return units;
    }
}
