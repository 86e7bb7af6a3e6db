using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Shadow;

/// <summary>What this node decided in shadow mode and <see cref="ShadowReport"/> does not have yet. Takes no lock for a line that is known.</summary>
internal sealed class ShadowBook(IMeterFactory factory)
{
    /// <summary>Customers beyond so many lines are counted together.</summary>
    private const int MostLines = 10_000;

    private readonly Counter<long> _requests = factory.Create(GatewayMeter.Name)
        .CreateCounter<long>("gateway.shadow.requests", "{request}", "Requests of routes in shadow mode, by what would have become of them.");

    private readonly ConcurrentDictionary<ShadowLine, StrongBox<long>> _lines = new();
    private volatile bool _isFull;

    /// <summary>A request, and what would have become of it.</summary>
    public void Request(string route, CustomerId customer, string verdict)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("gateway.route", route), new KeyValuePair<string, object?>("gateway.verdict", verdict));
        Add(new ShadowLine(route, customer.Value, ShadowLine.Requests, verdict), 1);
    }

    /// <summary>What would have been charged.</summary>
    public void Charges(in Settlement settlement)
    {
        foreach (ref readonly var charge in settlement.Charges.Span)
        {
            if (charge.Units > 0) Add(new ShadowLine(settlement.RouteId, settlement.Customer.Value, ShadowLine.Units, Metric.ConfiguredName(charge.Metric)), charge.Units);
        }
    }

    /// <summary>What came since the last time.</summary>
    public List<(ShadowLine Line, long Count)> Take()
    {
        var taken = new List<(ShadowLine, long)>();
        foreach (var (line, sum) in _lines)
        {
            if (Interlocked.Exchange(ref sum.Value, 0) is not 0 and var count) taken.Add((line, count));
        }

        return taken;
    }

    private void Add(in ShadowLine line, long count)
    {
        if (!_lines.TryGetValue(line, out var sum))
        {
            if (!_isFull) _isFull = _lines.Count >= MostLines; // counting takes every lock; no line ever goes
            sum = _lines.GetOrAdd(_isFull ? line with { Customer = ShadowLine.Others } : line, static _ => new StrongBox<long>());
        }

        Interlocked.Add(ref sum.Value, count);
    }
}
