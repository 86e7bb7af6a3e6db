using Gateway.Jobs;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Configuration.Reading;

/// <summary>Reads <c>Gateway:Jobs</c>, and the job of a meter.</summary>
internal sealed class JobReader(IReadOnlyDictionary<string, JobOptions> jobs)
{
    public static JobOptions Options(SectionReader at)
    {
        var defaults = new JobOptions();
        var options = new JobOptions
        {
            Token = at.Text(nameof(defaults.Token), defaults.Token),
            Parameter = at.Text(nameof(defaults.Parameter), defaults.Parameter),
            Status = at.Text(nameof(defaults.Status), defaults.Status),
            Running = at.Texts(nameof(defaults.Running)),
            SettleAfterSeconds = at.Integer(nameof(defaults.SettleAfterSeconds), defaults.SettleAfterSeconds, 60, 604_800),
            RememberDays = at.Integer(nameof(defaults.RememberDays), defaults.RememberDays, 1, 365),
        };
        if (options.Running.Count == 0) options.Running = [.. JobOptions.DefaultRunning];
        if (!BodyPath.TryParse(options.Token, out _)) at.Error(nameof(options.Token), $"is not a path into a body; {BodyPath.Form}");
        if (!BodyPath.TryParse(options.Status, out _)) at.Error(nameof(options.Status), $"is not a path into a body; {BodyPath.Form}");
        at.End();
        return options;
    }

    /// <param name="at">The meter.</param>
    /// <param name="reported">Where its quantity is in the answer's JSON; null: it is not.</param>
    /// <param name="hold">Units it holds.</param>
    /// <param name="fields">The route's.</param>
    /// <param name="pathParameters">The route's; null when they cannot be told.</param>
    public JobMeter? Read(SectionReader at, ResponseJson? reported, long hold, FieldReader fields, IReadOnlyCollection<string>? pathParameters)
    {
        var (name, items) = (at.Text("Job"), at.Text("Items"));
        var ifUnseen = at.Integer("IfUnseen", hold, 0L, RouteReader.MaxHold);
        var isCallback = at.Flag("Callback", false);
        if (name is null)
        {
            foreach (var key in (string[])["Items", "IfUnseen", "Callback"])
            {
                if (at.Has(key)) at.Error(key, "means nothing without a Job");
            }

            return null;
        }

        if (reported is null) at.Error("Job", "needs \"Source\": \"ResponseJson\": what is charged once is what the answer with the result says");
        if (!jobs.TryGetValue(name, out var job))
        {
            at.Error("Job", $"unknown job '{name}'{Suggestion.For(name, [.. jobs.Keys])}");
            return null;
        }

        var list = new List<string>();
        if (items is not null && items != "$" && !BodyPath.TryParse(items, out list))
            at.Error("Items", $"is not a path to a list; write '$' where the answer itself is the list, or {BodyPath.Form[6..]}");
        else if (items is not null && !fields.OfEachIn(items, list))
            at.Error("Items", "differs from that of another meter of this route; an answer is looked into in one way");
        if (isCallback && at.Has("Hold")) at.Error("Hold", "means nothing to a callback: its request holds nothing, who submitted the job is charged");
        if (!BodyPath.TryParse(job.Token, out var token) || !BodyPath.TryParse(job.Status, out var status)) return null; // has been reported
        var isPolled = items is null && !isCallback && pathParameters?.Contains(job.Parameter, StringComparer.OrdinalIgnoreCase) == true;
        return new JobMeter(
            name, fields.OfResponse(token), isPolled ? job.Parameter : null, fields.OfResponse(status), reported?.Field ?? 0, [.. job.Running],
            TimeSpan.FromSeconds(job.SettleAfterSeconds), TimeSpan.FromDays(job.RememberDays), ifUnseen)
        { IsCallback = isCallback, IsList = items is not null };
    }
}
