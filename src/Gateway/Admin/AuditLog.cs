using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Admin;

/// <summary>
/// Who changed what, in Redis, shared by all nodes: written before the change is made, so that none is without its entry. The newest 100,000 are kept;
/// each is also a line of the log.
/// </summary>
internal sealed partial class AuditLog(RedisConnection redis, TimeProvider clock, ILogger<AuditLog> logger)
{
    private const int Most = 100_000;
    private static readonly RedisKey List = "gateway:{keys}:audit";

    /// <param name="context">Whose request.</param>
    /// <param name="action">Such as key.revoke.</param>
    /// <param name="subject">An id; never a secret.</param>
    public async Task WriteAsync(HttpContext context, string action, string subject)
    {
        var entry = new AuditEntry(clock.GetUtcNow(), action, subject, context.Connection.RemoteIpAddress?.ToString());
        var database = await redis.DatabaseAsync();
        await database.ListLeftPushAsync(List, JsonSerializer.SerializeToUtf8Bytes(entry, AuditJson.Default.AuditEntry));
        await database.ListTrimAsync(List, 0, Most - 1);
        Log.Changed(logger, action, subject, entry.By);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(int offset, int limit) =>
    [
        .. (await (await redis.DatabaseAsync()).ListRangeAsync(List, offset, offset + limit - 1))
            .Select(e => JsonSerializer.Deserialize((byte[])e!, AuditJson.Default.AuditEntry)!),
    ];

    private static partial class Log
    {
        [LoggerMessage(910, LogLevel.Information, "Administration: {Action} {Subject} by {By}.")]
        public static partial void Changed(ILogger logger, string action, string subject, string? by);
    }
}

/// <param name="By">The address it came from.</param>
internal sealed record AuditEntry(DateTimeOffset At, string Action, string Subject, string? By);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;
