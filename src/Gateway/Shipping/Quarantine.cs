using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Shipping;

/// <summary>Usage events that the provider refused for good, each with its answer: a line of JSON in a file, on disk before the cursor passes it.</summary>
internal sealed partial class Quarantine(string dataDirectory, UsageJournal journal, TimeProvider clock, ILogger<Quarantine> logger)
{
    private const int MaxReasonLength = 300; // characters; fits the journal's bound whatever the script

    private readonly string _path = Path.Combine(dataDirectory, "quarantine.jsonl");
    private long _count;

    /// <summary>Events put here since start.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add(UsageEvent usage, EventResult answer)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(
            new QuarantinedEvent(clock.GetUtcNow(), answer.StatusCode, answer.Reason, usage), QuarantineJson.Default.QuarantinedEvent);
        using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
        {
            file.Write([.. line, (byte)'\n']);
            file.Flush(flushToDisk: true);
        }

        var reason = answer.Reason.Length > MaxReasonLength ? answer.Reason[..MaxReasonLength] : answer.Reason;
        journal.Append(new EventQuarantined(usage.RequestId, usage.ChargeIndex, answer.StatusCode, reason));
        Interlocked.Increment(ref _count);
        Log.Quarantined(logger, usage.IdempotencyKey, answer.StatusCode, answer.Reason, _path);
    }

    private static partial class Log
    {
        [LoggerMessage(720, LogLevel.Error, "The provider refused the usage event {Key} with {StatusCode}: {Reason} It is kept in {Path}.")]
        public static partial void Quarantined(ILogger logger, string key, int statusCode, string reason, string path);
    }
}

internal sealed record QuarantinedEvent(DateTimeOffset At, int StatusCode, string Reason, UsageEvent Event);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(QuarantinedEvent))]
internal sealed partial class QuarantineJson : JsonSerializerContext;
