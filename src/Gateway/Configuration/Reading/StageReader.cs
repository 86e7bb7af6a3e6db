using System.Net;
using Gateway.Admin;
using Gateway.Billing.Paygentic;
using Gateway.Idempotency;
using Gateway.Journal;
using Gateway.Onboarding;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.SelfService;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Configuration.Reading;

/// <summary>Reads the options of each stage. Defaults are those of the options classes; ranges are as documented there.</summary>
internal static class StageReader
{
    public static PaygenticOptions Paygentic(SectionReader at)
    {
        var defaults = new PaygenticOptions();
        var options = new PaygenticOptions
        {
            Generation = at.Choice(nameof(defaults.Generation), defaults.Generation),
            BaseUrl = at.Required(nameof(defaults.BaseUrl), "give https://api.paygentic.io or https://api.sandbox.paygentic.io"),
            ApiKey = at.Required(
                nameof(defaults.ApiKey), "give the merchant's secret key, best by the environment variable Gateway__Paygentic__ApiKey"),
            MerchantId = at.RequiredId(nameof(defaults.MerchantId), "give the merchant's organisation id, 'org_…'"),
            PaymentUrl = at.Text(nameof(defaults.PaymentUrl)),
            WebhookSecret = at.Text(nameof(defaults.WebhookSecret)),
            TimeoutSeconds = at.Integer(nameof(defaults.TimeoutSeconds), defaults.TimeoutSeconds, 1, 100),
        };
        if (options.WebhookSecret is { } secret && !SvixSignature.IsSecret(secret)) at.Error(nameof(defaults.WebhookSecret), "must be the webhook's signing secret, 'whsec_…'");
        at.Bearer(nameof(defaults.ApiKey), options.ApiKey);
        at.HttpUrl(nameof(defaults.BaseUrl), options.BaseUrl);
        at.HttpUrl(nameof(defaults.PaymentUrl), options.PaymentUrl);
        if (options.BaseUrl.TrimEnd('/').EndsWith("/v0", StringComparison.OrdinalIgnoreCase))
        {
            at.Error(nameof(defaults.BaseUrl), "must not have the version; leave out '/v0'");
        }
        at.End();
        return options;
    }

    public static RedisOptions Redis(SectionReader at)
    {
        var defaults = new RedisOptions();
        var options = new RedisOptions
        {
            Mode = at.Choice(nameof(defaults.Mode), defaults.Mode),
            Connection = at.Text(nameof(defaults.Connection), defaults.Connection),
        };
        if (!IsConnection(options.Connection))
        {
            at.Error(nameof(defaults.Connection), "must be a StackExchange.Redis connection string, such as 'redis-1:6379,redis-2:6379,ssl=true'");
        }
        at.End();
        return options;
    }

    public static AdminOptions Admin(SectionReader at)
    {
        var defaults = new AdminOptions();
        var options = new AdminOptions { Url = at.Text(nameof(defaults.Url), defaults.Url), Token = at.Text(nameof(defaults.Token)) };
        if (options.Url.Length == 0) at.Error(nameof(defaults.Url), "is empty; leave it out for its default");
        else if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/" || Checks.Address(options.Url) is not { } address)
            at.Error(nameof(defaults.Url), "must be http://, a host and a port, and nothing after them; TLS belongs in front of it");
        else if (!IPAddress.TryParse(address.Host, out var host) && !IsLocalhost(address))
            at.Error(nameof(defaults.Url), "must have an IP address or localhost for its host: by any other name it would answer at every address of the machine");
        else if (options.Token is null && !IsLocalhost(address) && !IPAddress.IsLoopback(host!))
            at.Error(nameof(defaults.Token), "is needed, for Admin.Url is not a loopback address; best by the environment variable Gateway__Admin__Token");
        if (options.Token is { } token && string.IsNullOrWhiteSpace(token)) at.Error(nameof(defaults.Token), "is empty; leave it out to have none");
        at.Bearer(nameof(defaults.Token), options.Token);
        at.End();
        return options;
    }

    public static ReservationOptions Reservations(SectionReader at)
    {
        var defaults = new ReservationOptions();
        var options = new ReservationOptions
        {
            CoverSeconds = at.Integer(nameof(defaults.CoverSeconds), defaults.CoverSeconds, 1, 3_600),
            MinBatch = at.Integer(nameof(defaults.MinBatch), defaults.MinBatch, 1, 1_000),
            MaxBatch = at.Integer(nameof(defaults.MaxBatch), defaults.MaxBatch, 1, 1_000),
            ExpiryMarginSeconds = at.Integer(nameof(defaults.ExpiryMarginSeconds), defaults.ExpiryMarginSeconds, 1, 86_400),
            IdleSeconds = at.Integer(nameof(defaults.IdleSeconds), defaults.IdleSeconds, 1, 3_600),
            NoFundsMilliseconds = at.Integer(nameof(defaults.NoFundsMilliseconds), defaults.NoFundsMilliseconds, 100, 60_000),
        };
        if (options.MinBatch > options.MaxBatch) at.Error(nameof(defaults.MinBatch), $"is more than MaxBatch ({options.MaxBatch})");
        at.End();
        return options;
    }

    public static JournalOptions Journal(SectionReader at)
    {
        var defaults = new JournalOptions();
        var options = new JournalOptions
        {
            Engine = at.Choice(nameof(defaults.Engine), defaults.Engine),
            Recovery = at.Choice(nameof(defaults.Recovery), defaults.Recovery),
            Durability = at.Choice(nameof(defaults.Durability), defaults.Durability),
            FlushMilliseconds = at.Integer(nameof(defaults.FlushMilliseconds), defaults.FlushMilliseconds, 1, 10_000),
            SegmentBytes = at.Integer(nameof(defaults.SegmentBytes), defaults.SegmentBytes, 65_536, 1_073_741_824),
            MaxBytes = at.Integer(nameof(defaults.MaxBytes), defaults.MaxBytes, 131_072, long.MaxValue),
        };
        if (options.MaxBytes / 2 < options.SegmentBytes)
        {
            at.Error(nameof(defaults.MaxBytes), "must be at least twice SegmentBytes: a new segment is needed before the last one can go");
        }
        at.End();
        return options;
    }

    public static ShippingOptions Shipping(SectionReader at)
    {
        var defaults = new ShippingOptions();
        var options = new ShippingOptions
        {
            MaxBatch = at.Integer(nameof(defaults.MaxBatch), defaults.MaxBatch, 1, 1_000),
            MaxDelayMilliseconds = at.Integer(nameof(defaults.MaxDelayMilliseconds), defaults.MaxDelayMilliseconds, 0, 60_000),
            MaxInFlight = at.Integer(nameof(defaults.MaxInFlight), defaults.MaxInFlight, 1, 32),
            Aggregate = Window(at, nameof(defaults.Aggregate)),
        };
        at.End();
        return options;
    }

    public static PlanOptions Plan(SectionReader at)
    {
        var defaults = new PlanOptions();
        var options = new PlanOptions
        {
            PlanId = at.RequiredId(nameof(defaults.PlanId), "give the id of the plan at Paygentic, 'plan_…'"),
            PrefundAmount = at.Text(nameof(defaults.PrefundAmount)),
            RedirectUrl = at.Text(nameof(defaults.RedirectUrl)),
        };
        if (options.PrefundAmount is { } amount && !Checks.IsAmount(amount)) at.Error(nameof(defaults.PrefundAmount), "must be dollars such as 5.00, from 0.01 to 5000.00");
        at.HttpUrl(nameof(defaults.RedirectUrl), options.RedirectUrl);
        at.End();
        return options;
    }

    public static IdempotencyOptions Idempotency(SectionReader at)
    {
        var defaults = new IdempotencyOptions();
        var options = new IdempotencyOptions
        {
            WindowSeconds = at.Integer(nameof(defaults.WindowSeconds), defaults.WindowSeconds, 0, 604_800),
            Repeats = at.Integer(nameof(defaults.Repeats), defaults.Repeats, 0, 1_000),
        };
        at.End();
        return options;
    }

    public static SelfServiceOptions SelfService(SectionReader at)
    {
        var defaults = new SelfServiceOptions();
        var options = new SelfServiceOptions { Prefix = at.Text(nameof(defaults.Prefix)), Receipts = at.Flag(nameof(defaults.Receipts), defaults.Receipts) };
        if (options.Prefix is { } prefix && !SelfServiceOptions.IsPrefix(prefix))
            at.Error(nameof(defaults.Prefix), "must begin with '/', not end with one, and have only a-z, A-Z, 0-9, '-', '_' and '/'");
        at.End();
        return options;
    }

    public static MetricOptions Metric(SectionReader at)
    {
        var defaults = new MetricOptions();
        var options = new MetricOptions
        {
            BillableMetricId = at.RequiredId(nameof(defaults.BillableMetricId), "give the id of the billable metric at Paygentic, 'bm_…'"),
            Unit = at.Text(nameof(defaults.Unit), defaults.Unit),
            Rounding = at.Choice(nameof(defaults.Rounding), defaults.Rounding),
        };
        if (string.IsNullOrWhiteSpace(options.Unit)) at.Error(nameof(defaults.Unit), "is empty; leave it out for 'unit'");
        if (!Checks.IsMetricName(at.Key)) at.Error($"'{at.Key}' is not a metric's name; {Checks.MetricNameForm}");
        at.End();
        return options;
    }

    private static AggregationWindow Window(SectionReader at, string name)
    {
        if (at.Text(name) is not { } text) return default;
        if (AggregationWindow.TryParse(text, out var window)) return window;
        at.Error(name, $"is '{text}'; give None, or a window of 1 second to 1 hour such as 10s, 5m or 1h");
        return default;
    }

    private static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsConnection(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
