using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Settlements;
using StackExchange.Redis;

namespace Gateway.Jobs;

/// <summary>
/// Charges the result of a job once, by whomever and through whichever node it is first seen: the right to charge it is claimed in Redis, then the charge is
/// journaled, then it is noted that it was. Where a node dies before the journal has it, the next who sees the job charges it, under the same idempotency key. Where the journal refuses it,
/// the right is given back: what the job costs is what its result says, not what an unseen one costs.
/// </summary>
internal sealed class JobCharges(JobStore store, ChargedJobs charged, Reserver reserver, AccountTable accounts, Settler settler, ILedger ledger, TimeProvider clock)
{
    /// <summary>For units to be found. A claim lasts twice as long: nobody else may have the job meanwhile.</summary>
    private static readonly TimeSpan Patience = JobStore.ClaimFor / 2;

    /// <summary>One job as an answer shows it.</summary>
    /// <param name="customer">Who sees it.</param>
    /// <param name="routeId">By which route.</param>
    /// <param name="statusCode">Of the answer.</param>
    /// <param name="meter">What is charged.</param>
    /// <param name="token">Which job.</param>
    /// <param name="result">What was measured; null: there is no result yet.</param>
    /// <param name="held">What the request holds for the meter, empty where it holds nothing (any more). What is not used of it is left.</param>
    /// <returns>What was charged: null when it was not, because it runs or was charged before.</returns>
    public async Task<Reservation?> SeenAsync(
        CustomerId customer, string routeId, int statusCode, Meter meter, string token, Measurement? result, Reservation held)
    {
        var job = meter.Job!;
        var id = JobId.Of(job.Name, token, meter.Metric.Name);
        var name = id.ToString("N");
        var record = new JobRecord(customer.Value, routeId, job.Name, token);
        if (result is not { } measured)
        {
            await store.OpenAsync(name, record, job.SettleAfter);
            return null;
        }

        if (charged.Has(id) || await store.ClaimAsync(name, record, job.SettleAfter) is not { } claim) return null;
        var paying = held.Holds.Count > 0 ? held : await ReserveAsync(customer, meter);
        var isCharged = await TryChargeAsync(new SettledRequest(id, customer, routeId, statusCode, measured) { Verdict = VerdictOn(meter) }, paying, job, claim);
        return isCharged ? paying : null;
    }

    /// <summary>
    /// A result that the API itself tells. A job that nobody submitted through a gateway is nobody's to pay; one whose submission is not answered yet is
    /// charged by that answer, if it has the result, or when it is fetched.
    /// </summary>
    public async Task ToldAsync(string routeId, Meter meter, string token, Measurement measured)
    {
        var job = meter.Job!;
        var id = JobId.Of(job.Name, token, meter.Metric.Name);
        if (charged.Has(id) || await store.ClaimAsync(id.ToString("N"), record: null, job.SettleAfter) is not { } claim) return;
        var held = await ReserveAsync(claim.Record.CustomerId, meter);
        await TryChargeAsync(
            new SettledRequest(id, claim.Record.CustomerId, routeId, StatusCodes.Status200OK, measured) { UpstreamStatus = null, Verdict = VerdictOn(meter) }, held, job, claim);
    }

    /// <summary>A job whose result nobody fetched in time.</summary>
    public async Task<bool> UnseenAsync(JobRecord record, Meter meter)
    {
        var job = meter.Job!;
        var id = JobId.Of(job.Name, record.Token, meter.Metric.Name);
        if (charged.Has(id) || await store.ClaimAsync(id.ToString("N"), record, job.SettleAfter) is not { } claim) return false;
        var unseen = meter with { HoldUnits = Math.Max(1, job.IfUnseen), IfMissing = job.IfUnseen };
        var held = await ReserveAsync(claim.Record.CustomerId, unseen);
        return await TryChargeAsync(
            new SettledRequest(id, claim.Record.CustomerId, claim.Record.Route, StatusCodes.Status200OK, default) { UpstreamStatus = null, Verdict = VerdictOn(meter) }, held, job, claim);
    }

    /// <summary>A job that nobody is charged for, for it was made by a request that was charged before. False: it was not, another request made it.</summary>
    public Task<bool> ForgiveAsync(Meter meter, string token) =>
        store.ForgiveAsync(JobId.Of(meter.Job!.Name, token, meter.Metric.Name).ToString("N"), meter.Job.Remember);

    /// <summary>False, and nothing is held any more, when somebody else on this node has charged it meanwhile.</summary>
    private async Task<bool> TryChargeAsync(SettledRequest request, Reservation held, JobMeter job, JobClaim claim)
    {
        if (!charged.TryBegin(request.Id, job.Remember))
        {
            held.Release();
            return false;
        }

        var (isTaken, isRefused, isKept) = (false, false, false);
        try
        {
            var durable = settler.SettleAsync(request, held);
            (isTaken, isKept) = (true, ledger.KeepsAtOnce); // then a flush that fails after it takes nothing back
            await durable;
            isKept = true;
        }
        catch (JournalUnavailableException) when (!isTaken)
        {
            isRefused = true;
            throw;
        }
        finally
        {
            if (isKept) charged.IsKept(request.Id);
            else charged.Abandon(request.Id);
            if (isRefused) await GiveBackAsync(request.Id, claim); // any other failure may have left it where it is kept
        }

        await charged.TellAsync(request.Id);
        return true;
    }

    private async Task GiveBackAsync(Guid id, JobClaim claim)
    {
        try
        {
            await store.GiveBackAsync(id.ToString("N"), claim);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The claim ends by itself.
        }
    }

    private static string? VerdictOn(Meter meter) => meter.Metric.IsShadow ? Verdicts.Allowed : null;

    /// <summary>The work was done: what nothing covers is charged uncovered.</summary>
    private async Task<Reservation> ReserveAsync(CustomerId customer, Meter meter)
    {
        var reservation = new Reservation();
        if (!await TryReserveAsync(customer, meter, reservation))
            reservation.Holds.Add(new Hold(accounts.Get(new AccountId(customer, meter.Metric.Name)), meter, Lease: null, Units: 0));
        return reservation;
    }

    private async Task<bool> TryReserveAsync(CustomerId customer, Meter meter, Reservation reservation)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            return await reserver.ReserveAsync(customer, [meter], allowance: 0, reservation, patience.Token) == ReserveOutcome.Held;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
