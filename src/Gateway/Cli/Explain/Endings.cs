using System.Collections.Immutable;
using System.Globalization;
using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Cli.Explain;

/// <summary>What each way to end costs, those that cost the same together.</summary>
internal static class Endings
{
    private const int FirstStatus = 200;
    private const int LastStatus = 599;

    public static IEnumerable<EndingExplanation> Of(ImmutableArray<Meter> charging, BodyValues body)
    {
        if (charging.IsEmpty) yield break;
        foreach (var statuses in Enumerable.Range(FirstStatus, LastStatus - FirstStatus + 1).GroupBy(s => Shares(charging, Outcome.Answered, s)))
        {
            yield return new EndingExplanation([$"answered {Ranges(statuses)}"], Costs(charging, statuses.Key, Outcome.Answered, body));
        }

        // The status does not matter here where it is billable; where it is not, every end costs nothing.
        var grows = charging.Any(m => m.Source.Grows);
        foreach (var outcomes in BillablePolicy.Breaks.Where(o => grows || !BillablePolicy.IsCut(o)).GroupBy(o => (Shares: Shares(charging, o, status: null), IsCut: BillablePolicy.IsCut(o))))
        {
            yield return new EndingExplanation([.. outcomes.Select(o => $"{Words.Of(o)} ({o})")], Costs(charging, outcomes.Key.Shares, outcomes.First(), body));
        }
    }

    /// <summary>One letter for each meter.</summary>
    private static string Shares(ImmutableArray<Meter> meters, Outcome outcome, int? status) => string.Concat(meters.Select(m => ShareOf(m, outcome, status) switch
    {
        Share.Full => 'F',
        Share.Measured => 'M',
        _ => 'N',
    }));

    /// <summary>A job is charged by an answer that has its result, and by the end of its submission where there is none.</summary>
    private static Share ShareOf(Meter meter, Outcome outcome, int? status) => (meter.Job, outcome, meter.Billable.ShareOf(outcome, status)) switch
    {
        (null, _, var share) => share,
        (_, Outcome.Answered, var share) => share,
        ({ IsSubmission: true }, _, Share.Full) => Share.Full,
        _ => Share.Nothing,
    };

    private static List<CostOfEnding> Costs(ImmutableArray<Meter> meters, string shares, Outcome outcome, BodyValues body) =>
        [.. meters.Select((m, i) => Cost(m, shares[i] switch { 'F' => Share.Full, 'M' => Share.Measured, _ => Share.Nothing }, outcome, body))];

    private static CostOfEnding Cost(Meter meter, Share share, Outcome outcome, BodyValues body)
    {
        var unit = meter.Metric.Unit;
        var microUnits = share == Share.Nothing || (share == Share.Measured && !meter.Source.Grows) ? 0 : CostExplainer.KnownMicroUnits(meter, body);
        var (units, fraction) = CostExplainer.Whole(meter.Metric, microUnits);
        var text = (microUnits, share) switch
        {
            (0, _) => "nothing",
            ({ } known, _) => fraction is > 0 ? $"{Words.Amount(known, unit)}, the fraction carried" : Words.Count(units!.Value, unit),
            _ when meter.Job is not null => outcome == Outcome.Answered ? "by the job's result, once" : "what was held",
            _ when outcome == Outcome.Answered => "as measured",
            _ when BillablePolicy.IsCut(outcome) && meter.Source.Grows => "as measured, at most what was held",
            _ when meter.Source.Grows => "as measured until then",
            _ => "as far as the answer says it, else what was held",
        };
        return new CostOfEnding(meter.Index, Metric.ConfiguredName(meter.Metric.Name), share.ToString(), units, text);
    }

    private static string Ranges(IEnumerable<int> statuses)
    {
        var ranges = new List<string>();
        (int First, int Last)? open = null;
        foreach (var status in statuses)
        {
            if (open is { } range && status == range.Last + 1)
            {
                open = (range.First, status);
                continue;
            }

            Close();
            open = (status, status);
        }

        Close();
        return string.Join(", ", ranges);

        void Close()
        {
            if (open is { } done) ranges.Add(done.First == done.Last ? done.First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{done.First}-{done.Last}"));
        }
    }
}
