using Gateway.Journal.Records;
using Gateway.Model;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>
/// The names and the format of what the nodes share in Redis. All keys are in one hash slot, so that a transaction can span them. An entry is a
/// settlement as the journal writes it, behind the byte that names its layout.
/// </summary>
internal static class UsageStream
{
    public static readonly RedisKey Charges = "gateway:{usage}:charges";

    /// <summary>Entries that can not be read, as they were found.</summary>
    public static readonly RedisKey Damaged = "gateway:{usage}:damaged";
    public static readonly RedisKey Quarantine = "gateway:{usage}:quarantine";

    /// <summary>What a replay has taken out of quarantine and not decided yet.</summary>
    public static readonly RedisKey Replaying = "gateway:{usage}:replaying";

    public static readonly RedisValue Group = "shippers";
    public static readonly RedisValue Field = "s";

    public static RedisValue Encode(in Settled settled)
    {
        var bytes = new byte[1 + settled.MaxLength];
        bytes[0] = (byte)Settled.RecordType;
        return bytes.AsMemory(0, 1 + settled.Write(bytes.AsSpan(1)));
    }

    /// <summary>False for what no gateway wrote.</summary>
    public static bool TryDecode(in StreamEntry entry, out Settlement settlement)
    {
        settlement = default;
        if ((byte[]?)entry[Field] is not [var type, .. var payload] || type != (byte)Settled.RecordType) return false;
        try
        {
            settlement = Settled.Read(payload).Settlement;
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidDataException or InvalidOperationException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>From the first entry on, so it does not matter who comes first, a reader or a writer.</summary>
    public static async Task EnsureGroupAsync(IDatabase redis)
    {
        try
        {
            await redis.StreamCreateConsumerGroupAsync(Charges, Group, StreamPosition.Beginning, createStream: true);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another node was first.
        }
    }
}
