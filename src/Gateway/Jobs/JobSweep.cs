using Gateway.Configuration;
using Gateway.Journal;
using Gateway.Pricing;
using StackExchange.Redis;

namespace Gateway.Jobs;

/// <summary>Charges jobs whose result nobody fetched in time. Every node does; one of them gets each job.</summary>
internal sealed partial class JobSweep(JobStore store, ChargedJobs charged, JobCharges charges, CurrentConfiguration configuration, TimeProvider clock, ILogger<JobSweep> logger)
    : PeriodicService(TimeSpan.FromSeconds(5), clock, logger)
{
    private const int AtOnce = 100;

    /// <summary>A gateway that can read it may come, and one record must not keep others from being charged.</summary>
    private static readonly TimeSpan UnreadableFor = TimeSpan.FromHours(1);

    private bool _isAway;

    /// <summary>Looks once.</summary>
    public async Task SweepAsync()
    {
        await charged.TellAllAsync();
        foreach (var (id, record) in await store.DueAsync(AtOnce))
        {
            if (record is null)
            {
                Log.Unreadable(logger, id);
                await store.PutOffAsync(id, UnreadableFor);
                continue;
            }

            if (MeterOf(id, record) is { } meter)
            {
                if (await charges.UnseenAsync(record, meter)) Log.Unseen(logger, record.Route, record.Customer);
                continue;
            }

            Log.NoMeter(logger, record.Route, record.Job);
            await store.ChargedAsync(id, TimeSpan.FromDays(1));
        }
    }

    protected override async Task PassAsync(CancellationToken stoppingToken)
    {
        if (configuration.Snapshot.Options.Jobs.Count == 0) return;
        try
        {
            await SweepAsync();
            _isAway = false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or JournalUnavailableException)
        {
            if (!_isAway) Log.Away(logger, e.GetType().Name);
            _isAway = true;
        }
    }

    /// <summary>Null when the configuration has no such meter any more.</summary>
    private Meter? MeterOf(string id, JobRecord record) => configuration.TryGetRule(record.Route, out var rule)
        ? rule.Meters.FirstOrDefault(m => m.Job?.Name == record.Job && JobId.Of(record.Job, record.Token, m.Metric.Name).ToString("N") == id)
        : null;

    private static partial class Log
    {
        [LoggerMessage(950, LogLevel.Information, "The result of a job of route {Route} was never fetched: it is charged to {Customer} as configured (IfUnseen).")]
        public static partial void Unseen(ILogger logger, string route, string customer);

        [LoggerMessage(951, LogLevel.Warning, "A job of route {Route} is due, but the configuration charges no '{Job}' there any more: it is not charged.")]
        public static partial void NoMeter(ILogger logger, string route, string job);

        [LoggerMessage(952, LogLevel.Warning, "Jobs whose result nobody fetched can not be charged now ({Reason}); they will be.")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(953, LogLevel.Warning, "What Redis has of job {Id} can not be read, and it is due: a gateway of the version that wrote it can charge it. It is looked at again in an hour.")]
        public static partial void Unreadable(ILogger logger, string id);
    }
}
