using System.Collections.Immutable;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Jobs;

/// <summary>Charges the jobs that one answer shows, out of what its request holds for them; what is not needed of that goes back.</summary>
/// <param name="charges">Charges each once.</param>
/// <param name="customer">Who sees them.</param>
/// <param name="routeId">By which route.</param>
/// <param name="path">The parameters of the request's path.</param>
/// <param name="reservation">What the request holds.</param>
/// <param name="isRepeat">The request was charged before: what jobs it made anew cost nothing.</param>
internal sealed class JobSettlement(
    JobCharges charges, CustomerId customer, string routeId, RouteValueDictionary path, Reservation reservation, bool isRepeat)
{
    public List<(Account Account, Meter Meter, long Units)> Charged { get; } = [];

    /// <summary>The answer shows jobs: they were charged, or will be.</summary>
    public bool HasSeen { get; private set; }

    /// <param name="meters">The request's.</param>
    /// <param name="status">The upstream's.</param>
    /// <param name="rows">The jobs in the answer.</param>
    /// <param name="measured">What was seen of the request.</param>
    public async Task SettleAsync(ImmutableArray<Meter> meters, int status, IReadOnlyList<string?[]> rows, Measurement measured)
    {
        foreach (var meter in meters.Where(m => m.Job is not null))
        {
            if (meter.Billable.IsBillable(status) && Nameless(meter.Job!, rows) is { } answer)
            {
                if (answer[meter.Job!.ValueField] == ResponseScan.Null) answer[meter.Job.ValueField] = null; // nobody can tell whether it ran
                continue;
            }

            var held = reservation.TakeOut(meter);
            try
            {
                if (!meter.Billable.IsBillable(status)) continue;
                foreach (var row in rows) held = await SettleAsync(meter, held, status, row, measured);
            }
            finally
            {
                held.Release();
            }
        }
    }

    /// <summary>The request was a callback: who submitted the jobs is charged, however the request ends, for the result is known.</summary>
    public async Task TellAsync(ImmutableArray<Meter> meters, IReadOnlyList<string?[]> rows, Measurement measured)
    {
        foreach (var meter in meters)
        {
            foreach (var row in rows)
            {
                if (meter.Job!.Read(row, path) is { IsDone: true } job) await charges.ToldAsync(routeId, meter, job.Token, measured with { ResponseBody = row });
            }
        }
    }

    /// <summary>
    /// An answer to a submission that names no job, as its client has wished, has all that there will ever be of it: it costs what it says, or what was held, with the request. A list has such
    /// elements for what was not taken.
    /// </summary>
    private string?[]? Nameless(JobMeter job, IReadOnlyList<string?[]> rows) =>
        job.IsSubmission && rows is [var answer] && job.Read(answer, path) is null ? answer : null;

    /// <summary>
    /// There is no answer to look at. A client that left may have the result another way, a callback of its own for example: a job of whose name nothing is known costs with the request what
    /// was held, as its outcome has it.
    /// </summary>
    public void End(ImmutableArray<Meter> meters, Outcome outcome, int? status)
    {
        foreach (var meter in meters.Where(m => m.Job is not null))
        {
            if (!meter.Job!.IsSubmission || meter.Billable.ShareOf(outcome, status) != Share.Full) reservation.TakeOut(meter).Release();
        }
    }

    /// <summary>Whether the answer, as far as it came, names a job.</summary>
    public bool Names(ImmutableArray<Meter> meters, IReadOnlyList<string?[]> rows) => meters.Any(m => m.Job is { } job && rows.Any(r => job.Read(r, path) is not null));

    /// <returns>What is still held.</returns>
    private async Task<Reservation> SettleAsync(Meter meter, Reservation held, int status, string?[] row, Measurement measured)
    {
        if (meter.Job!.Read(row, path) is not { } job) return held;
        if (isRepeat && await charges.ForgiveAsync(meter, job.Token)) return held;

        HasSeen = true;
        Measurement? result = job.IsDone ? measured with { ResponseBody = row } : null;
        if (await charges.SeenAsync(customer, routeId, status, meter, job.Token, result, held) is not { } paid) return held;
        Charged.AddRange(paid.Charged ?? []);
        return ReferenceEquals(paid, held) ? new Reservation() : held;
    }
}
