using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Model;

namespace Gateway.Torture.Streams;

/// <summary>Holds what the journal and the sandbox's ledger say against what each client saw by its own clock.</summary>
internal sealed class StreamJudge(JournalBook journal, StreamPlan plan)
{
    /// <summary>How long the gateway may take to see that a client has gone.</summary>
    private const double Notice = 2.0;

    /// <summary>How long an event may be on its way from the gateway's hands to its client's.</summary>
    private const double Lag = 0.250;

    /// <summary>How late a cut may be, but for one in a hundred: a machine that is busy with others has its moments.</summary>
    private const double CutPromise = 0.250;

    private readonly Dictionary<string, (int Count, string First)> _problems = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _known = [];
    private readonly Spread _cutLate = new();
    private readonly Spread _cutSeen = new();
    private readonly Spread _sliceLate = new();
    private readonly Spread _noticed = new();
    private readonly Spread _finished = new();
    private long _slices;
    private long _seconds;

    public IEnumerable<string> Problems => _problems.Select(p => $"{p.Value.Count} streams: {p.Key}; the first: {p.Value.First}");

    public void Judge(OpenStream stream)
    {
        if (!journal.Settled.TryGetValue(stream.RequestId, out var end))
        {
            Problem("was never charged", stream, "");
            return;
        }

        var parts = journal.SlicesOf(stream.RequestId).Append(end).ToList();
        foreach (var part in parts) _known.Add(part.RequestId);
        var seconds = parts.Sum(p => JournalBook.Units(p, StreamWorld.Seconds));
        (_slices, _seconds) = (_slices + parts.Count - 1, _seconds + seconds);
        JudgeSlices(stream, parts[..^1]);
        if (parts.Sum(p => JournalBook.Units(p, StreamWorld.Requests)) != 1) Problem("was not charged one request", stream, "");
        var (measured, view) = (end.UpstreamMicroseconds / 1e6, Seconds(stream.SentAt, stream.EndedAt));
        var evidence = string.Create(CultureInfo.InvariantCulture, $"charged {seconds} s, measured {measured:F3} s, the client had it {Seconds(stream.HeadersAt, stream.EndedAt):F3} to {view:F3} s");

        var expected = stream.Fate switch { Fate.Finished => Outcome.Answered, Fate.Abandoned => Outcome.ClientGoneReading, _ => Outcome.FundsEnded };
        if (end.Outcome != expected) Problem($"ended as {end.Outcome}, not {expected}", stream, evidence);
        var atLeast = stream.Fate == Fate.Abandoned ? Seconds(stream.HeadersAt, stream.EndedAt) : Seconds(stream.HeadersAt, stream.LastEventAt) - Lag;
        if (measured < atLeast) Problem("is measured shorter than it was", stream, evidence);
        if (stream.Fate == Fate.Cut) JudgeCut(stream, parts, seconds, measured, evidence);
        else JudgeWhole(stream, seconds, measured, evidence);
    }

    /// <summary>Over all streams, and what there should not be besides them.</summary>
    public void Judge(JsonNode ledger, JsonArray events, int heldAtTheEnd)
    {
        if (_cutLate.At(0.99) > CutPromise) Problem($"of the cut, more than one in a hundred were later than {CutPromise * 1000:F0} ms");
        if (journal.Doubled > 0) Problem($"{journal.Doubled} were settled twice");
        if (journal.Open > 0) Problem($"{journal.Open} holds are open");
        if (heldAtTheEnd > 0) Problem($"{heldAtTheEnd} units are still held");
        if (journal.Overspent > 0) Problem($"{journal.Overspent} leases are overspent, or there is a charge without one");
        var unknown = journal.Settled.Values.Count(s => s.Customer.Value != StreamWorld.WarmUp && !_known.Contains(s.RequestId));
        if (unknown > 0) Problem($"{unknown} settlements belong to no stream");

        var charged = journal.Charges().Where(c => c.Entitlement is not null).ToLookup(c => c.Entitlement!.Value.Value, c => c.Units, StringComparer.Ordinal);
        foreach (var entitlement in ledger["customers"]!.AsArray().SelectMany(c => c!["entitlements"]!.AsArray()))
        {
            var (id, granted, used) = ((string)entitlement!["id"]!, (long)entitlement["quantity"]!, (long)entitlement["unitsUsed"]!);
            if (used > granted || used != charged[id].Sum()) Problem($"entitlement {id}: {granted} granted, {charged[id].Sum()} charged here, {used} there");
        }

        var reported = events.GroupBy(e => Guid.Parse((string)e!["metadata"]!["requestId"]!)).ToDictionary(g => g.Key, g => g.Sum(e => (long)e!["properties"]![0]!["quantity"]!));
        var wrong = journal.Settled.Values.Count(s => reported.GetValueOrDefault(s.RequestId) != s.Charges.ToArray().Sum(c => c.Units));
        if (wrong > 0) Problem($"{wrong} settlements are not at the sandbox as they are in the journal");
        if (reported.Count != journal.Settled.Count) Problem($"{reported.Count} requests and slices at the sandbox, {journal.Settled.Count} in the journal");
        if ((long)ledger["conflictingDuplicates"]! is > 0 and var conflicts) Problem($"{conflicts} events came again with other content");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        charges: {_known.Count - _slices:N0} streams once each, {_slices:N0} slices before their ends, {_seconds:N0} seconds in all
        slices: after the hold was used up by {_sliceLate}
        finished: measured shorter than the client's own time by {_finished}
        abandoned: noticed after {_noticed}
        cut: after the hold was used up by {_cutLate} (journal), {_cutSeen} (client, from sending the request to having the end)
        """);

    /// <summary>Each is charged its hold; one that is later than a second is charged the whole seconds that passed, if the customer still has them.</summary>
    private void JudgeSlices(OpenStream stream, List<Settlement> slices)
    {
        var before = 0L;
        foreach (var slice in slices)
        {
            var (units, held, measured) = (JournalBook.Units(slice, StreamWorld.Seconds), journal.HeldFor(slice.RequestId), slice.UpstreamMicroseconds / 1e6);
            if (units < held || units > Math.Max(held, measured - before))
                Problem("has a slice that is not its hold", stream, string.Create(CultureInfo.InvariantCulture, $"{units} s of {held} s after {before} s at {measured:F3} s"));
            _sliceLate.Add(measured - before - held);
            before += units;
        }
    }

    private void JudgeWhole(OpenStream stream, long seconds, double measured, string evidence)
    {
        if (seconds != (long)Math.Ceiling(measured)) Problem("is not charged what was measured, rounded up once", stream, evidence);
        var unseen = Seconds(stream.SentAt, stream.EndedAt) - measured;
        (stream.Fate == Fate.Finished ? _finished : _noticed).Add(stream.Fate == Fate.Finished ? unseen : Math.Max(0, -unseen));
        if (unseen < (stream.Fate == Fate.Finished ? 0 : -Notice)) Problem("is measured longer than it was", stream, evidence);
        if (stream.Fate == Fate.Finished && (!stream.IsWhole || stream.HasErrorEvent)) Problem("did not end well for its client", stream, evidence);
    }

    private void JudgeCut(OpenStream stream, List<Settlement> parts, long seconds, double measured, string evidence)
    {
        var setAside = seconds - JournalBook.Units(parts[^1], StreamWorld.Seconds) + journal.HeldFor(stream.RequestId) - 1; // one unit is the request's
        if (seconds != setAside) Problem("is not charged what was set aside", stream, $"{evidence}, {setAside} s were set aside");
        if (!stream.HasErrorEvent) Problem("was not told why", stream, evidence);
        _cutLate.Add(measured - seconds);
        _cutSeen.Add(Seconds(stream.SentAt, stream.EndedAt) - seconds);
        if (measured < seconds) Problem("was cut before its hold's end", stream, evidence);
    }

    private void Problem(string what, OpenStream stream, string evidence)
    {
        var (count, first) = _problems.GetValueOrDefault(what);
        _problems[what] = (count + 1, first ?? $"{stream.RequestId} {stream.Fate} of {stream.Customer} {evidence}");
    }

    private void Problem(string what) => _problems[what] = (plan.Streams, "of all");

    private static double Seconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalSeconds;
}
