using System.Collections.Immutable;
using System.Globalization;
using Gateway.Model;

namespace Gateway.Pricing;

/// <summary>What each way in which a request can end costs.</summary>
internal sealed class BillablePolicy
{
    public const string DefaultStatuses = "200-399";
    public const string Form = "write statuses from 100 to 599 and ranges of them, such as '200-399,404'";
    private const int Least = 100;
    private const int Most = 599;

    private readonly bool[] _billable = new bool[Most + 1];
    private readonly Share[] _shares;

    private BillablePolicy(string statuses, Share[] shares) => (Statuses, _shares) = (statuses, shares);

    /// <summary>Outcomes whose share can be configured: all but a whole answer, whose status decides.</summary>
    public static ImmutableArray<Outcome> Breaks { get; } = [.. Enum.GetValues<Outcome>().Where(o => o is not (Outcome.Unknown or Outcome.Answered))];

    /// <summary>Whether the gateway has cut an answer when what was set aside for it was used up.</summary>
    public static bool IsCut(Outcome outcome) => outcome is Outcome.FundsEnded or Outcome.BillingUndecided;

    public static BillablePolicy Default { get; } = Parse(DefaultStatuses, clientAborted: true)!;

    /// <summary>As it was written.</summary>
    public string Statuses { get; }

    /// <summary>Null when the statuses are not of the form <see cref="Form"/>.</summary>
    /// <param name="statuses">Which of the upstream's statuses are charged.</param>
    /// <param name="clientAborted">Whether a client that goes away when its request is whole pays in full.</param>
    /// <param name="shares">What departs from the default, by outcome.</param>
    public static BillablePolicy? Parse(string statuses, bool clientAborted, IReadOnlyDictionary<Outcome, Share>? shares = null)
    {
        var byOutcome = new Share[Enum.GetValues<Outcome>().Length];
        foreach (var outcome in Breaks)
        {
            byOutcome[(int)outcome] = shares is not null && shares.TryGetValue(outcome, out var share) ? share : DefaultOf(outcome, clientAborted);
        }

        var policy = new BillablePolicy(statuses, byOutcome);
        foreach (var part in statuses.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !TryStatus(ends[0], out var first) || !TryStatus(ends[^1], out var last) || last < first) return null;
            policy._billable.AsSpan(first..(last + 1)).Fill(true);
        }
        return policy;
    }

    public bool IsBillable(int status) => (uint)status < (uint)_billable.Length && _billable[status];

    /// <param name="outcome">How it ended.</param>
    /// <param name="status">The upstream's status, null when it gave none. One that is not billable costs nothing, however its answer ended.</param>
    public Share ShareOf(Outcome outcome, int? status)
    {
        if (status is { } given && !IsBillable(given)) return Share.Nothing;
        return outcome == Outcome.Answered ? Share.Full : _shares[(int)outcome];
    }

    /// <summary>Who broke it off pays for it: the upstream and the gateway nothing to anybody, a client what it asked for.</summary>
    private static Share DefaultOf(Outcome outcome, bool clientAborted) => outcome switch
    {
        Outcome.ClientGoneWaiting or Outcome.ClientGoneReading => clientAborted ? Share.Full : Share.Nothing,
        Outcome.FundsEnded or Outcome.BillingUndecided => Share.Full,
        _ => Share.Nothing,
    };

    private static bool TryStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= Least and <= Most;
}
