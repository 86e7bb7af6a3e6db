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
        Account? last = null;
        foreach (ref readonly var hold in CollectionsMarshal.AsSpan(reservation.Holds))
        {
            if (hold.Account == last) continue;
            Append(ref remaining, isFirst: last is null, hold.Meter.Metric.Name.Value, AtHand(hold.Account));
            last = hold.Account;
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
        for (var first = 0; first < charged.Length;)
        {
            var (end, units) = (first, 0L);
            while (end < charged.Length && charged[end].Meter == charged[first].Meter) units += charged[end++].Units;
            var name = charged[first].Meter.Metric.Name.Value;
            Append(ref quantity, first == 0, name, units);
            Append(ref remaining, first == 0, name, AtHand(charged[first].Account));
            first = end;
        }

        headers[GatewayHeaders.UsageQuantity] = quantity.ToStringAndClear();
        headers[GatewayHeaders.UsageRemaining] = remaining.ToStringAndClear();
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
