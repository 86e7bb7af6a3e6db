using StackExchange.Redis;

namespace Gateway.Keys;

/// <summary>A key whose subscription is to be asked about.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Record">As it was read; null when there is none, or it can not be read.</param>
/// <param name="Seen">What was read.</param>
internal sealed record DueKey(string Id, KeyRecord? Record, RedisValue Seen);
