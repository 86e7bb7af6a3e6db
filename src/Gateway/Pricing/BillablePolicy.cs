using System.Globalization;

namespace Gateway.Pricing;

/// <summary>Which answers are charged.</summary>
internal sealed class BillablePolicy
{
    public const string DefaultStatuses = "200-399";
    public const string Form = "write statuses from 100 to 599 and ranges of them, such as '200-399,404'";
    private const int Least = 100;
    private const int Most = 599;

    private readonly bool[] _billable = new bool[Most + 1];

    private BillablePolicy(string statuses, bool clientAborted)
    {
        Statuses = statuses;
        ClientAborted = clientAborted;
    }

    /// <summary>As it was written.</summary>
    public string Statuses { get; }

    /// <summary>Whether a request is charged whose client went away before the end of an answer that would have been.</summary>
    public bool ClientAborted { get; }

    public static BillablePolicy Default { get; } = Parse(DefaultStatuses, clientAborted: true)!;

    /// <summary>Null when the statuses are not of the form <see cref="Form"/>.</summary>
    public static BillablePolicy? Parse(string statuses, bool clientAborted)
    {
        var policy = new BillablePolicy(statuses, clientAborted);
        foreach (var part in statuses.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !TryStatus(ends[0], out var first) || !TryStatus(ends[^1], out var last) || last < first) return null;
            policy._billable.AsSpan(first..(last + 1)).Fill(true);
        }
        return policy;
    }

    public bool IsBillable(int status) => (uint)status < (uint)_billable.Length && _billable[status];

    private static bool TryStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= Least and <= Most;
}
