using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Authentication;

namespace Gateway.Keys;

/// <summary>
/// What is done to issued keys. Making one can be repeated under the same idempotency key: there is one key, and until its secret was delivered the
/// repetition gets a new secret for it, for nobody can have kept the first. While an answer with the secret is under way nobody gets another: of two
/// answers one secret would be worthless, and nobody could tell which.
/// </summary>
internal sealed class KeyService(KeyStore store, ApiKeyOptions options, TimeProvider clock)
{
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    /// <summary>An answer whose end nobody has noted by then (its node died) is taken for lost.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    /// <param name="wanted">Its <see cref="KeyRecord.Id"/> and hash are made here.</param>
    /// <param name="idempotencyKey">Null: every call makes a key.</param>
    /// <param name="whateverItsTerms">One that was made under this idempotency key will do also where it may do something else.</param>
    /// <exception cref="KeyUnderWayException">The answer to the same call is under way, or may be.</exception>
    /// <exception cref="KeyReusedException">The idempotency key made another key.</exception>
    public async Task<IssuedKey> CreateAsync(KeyRecord wanted, string? idempotencyKey, bool whateverItsTerms = false)
    {
        var id = idempotencyKey is null ? KeyText.NewId() : IdOf(wanted.CustomerId, idempotencyKey);
        var secret = KeyText.Create(options.Prefix, id);
        var record = wanted with { Id = id.ToString(), Sha256 = Hash(secret), CreatedAt = clock.GetUtcNow(), AnsweringUntil = clock.GetUtcNow() + LongestAnswer };
        if (await store.AddAsync(record)) return new IssuedKey(record, secret);

        var existing = await store.ChangeAsync(record.Id, found =>
        {
            if (!whateverItsTerms && Terms(found) != Terms(wanted)) throw new KeyReusedException();
            var waiting = Waiting(found, wanted);
            return Again(waiting, record.Sha256) ?? (waiting == found ? null : waiting);
        });
        return new IssuedKey(existing!, existing!.Sha256 == record.Sha256 ? secret : null);
    }

    /// <summary>The answer with the secret is over. Sent whole, the secret is not made anew. Of a secret that was replaced meanwhile it says nothing.</summary>
    public Task AnsweredAsync(IssuedKey issued, bool isDelivered) =>
        store.ChangeAsync(issued.Record.Id, found => found.Answered(issued.Record.Sha256, isDelivered));

    public async Task<KeyRecord?> FindAsync(string id) => KeyId.TryParse(id, out var parsed) ? await store.FindAsync(parsed) : null;

    public Task<IReadOnlyList<KeyRecord>> ListAsync(string? customerId, int offset, int limit) => store.ListAsync(customerId, offset, limit);

    /// <summary>From now on it is refused everywhere. Null when there is no such key; one that is revoked stays as it is.</summary>
    public Task<KeyRecord?> RevokeAsync(string id) => store.ChangeAsync(id, found => found.RevokedAt is null ? found with { RevokedAt = clock.GetUtcNow() } : null);

    /// <summary>
    /// A new secret; the one before is good for <paramref name="overlap"/> longer. Null when there is no such key, or it is revoked. Repeated under the
    /// same idempotency key it is one rotation.
    /// </summary>
    /// <exception cref="KeyUnderWayException">The answer to this or another call that made a secret of this key is under way, or may be.</exception>
    public async Task<IssuedKey?> RotateAsync(string id, TimeSpan overlap, string? idempotencyKey)
    {
        if (!KeyId.TryParse(id, out var parsed)) return null;
        var secret = KeyText.Create(options.Prefix, parsed);
        var (hash, by) = (Hash(secret), idempotencyKey is null ? null : Hash(idempotencyKey));
        var record = await store.ChangeAsync(id, found => found switch
        {
            { RevokedAt: not null } => null,
            { RotatedBy: { } last } when last == by => Again(found, hash),
            { IsDelivered: false, AnsweringUntil: { } until } when until > clock.GetUtcNow() => throw new KeyUnderWayException(),

            // Nobody has the secret of a rotation whose answer broke off, or was lost: the one in use is that before it, as long as it is good.
            { IsDelivered: false, PreviousUntil: { } end } when end > clock.GetUtcNow() => Replaced(found, found.PreviousSha256),
            _ => Replaced(found, found.Sha256),
        });
        return record is { RevokedAt: null } ? new IssuedKey(record, record.Sha256 == hash ? secret : null) : null;

        KeyRecord Replaced(KeyRecord found, string? before) => found with
        {
            Sha256 = hash,
            PreviousSha256 = before,
            PreviousUntil = clock.GetUtcNow() + overlap,
            RotatedBy = by,
            IsDelivered = false,
            AnsweringUntil = clock.GetUtcNow() + LongestAnswer,
        };
    }

    /// <summary>This subscription is paid for. A key that waits for another one by now is left as it is.</summary>
    public Task<KeyRecord?> ActivateAsync(string id, string subscription) => store.ChangeAsync(id, found => found.PendingSubscription != subscription
        ? null
        : found with { PendingSubscription = null, PendingSince = null, PaymentUrl = null }); // the checkout is over

    /// <summary>A key that waits for a payment waits for the one that is wanted now: another subscription may have taken the place of the first.</summary>
    private KeyRecord Waiting(KeyRecord found, KeyRecord wanted) =>
        found is { PendingSubscription: { } before, RevokedAt: null } && before != wanted.PendingSubscription
            ? found with
            {
                PendingSubscription = wanted.PendingSubscription,
                PendingSince = wanted.PendingSubscription is null ? null : clock.GetUtcNow(),
                PaymentUrl = wanted.PaymentUrl,
            }
            : found;

    /// <summary>A new secret for a repeated call, if the last one's answer was lost. Null: it was delivered, or would be good for nothing.</summary>
    private KeyRecord? Again(KeyRecord found, string hash)
    {
        if (found.IsDelivered || found.RevokedAt is not null) return null;
        if (found.AnsweringUntil > clock.GetUtcNow()) throw new KeyUnderWayException();
        return found with { Sha256 = hash, AnsweringUntil = clock.GetUtcNow() + LongestAnswer };
    }

    /// <summary>What a key was asked to be, without what has become of it since.</summary>
    private static string Terms(KeyRecord record) => JsonSerializer.Serialize(
        record with
        {
            Id = "",
            Version = 0,
            Sha256 = "",
            PreviousSha256 = null,
            PreviousUntil = null,
            CreatedAt = default,
            PendingSince = null,
            RevokedAt = null,
            RotatedBy = null,
            IsDelivered = false,
            AnsweringUntil = null,
        },
        KeyRecordJson.Default.KeyRecord);

    private static string Hash(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static KeyId IdOf(string customerId, string idempotencyKey)
    {
        const string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{customerId}\n{idempotencyKey}"));
        return KeyId.Parse(string.Create(KeyId.Length, hash, static (text, hash) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = digits[((hash[2 * i] << 8) | hash[(2 * i) + 1]) % digits.Length];
        }));
    }
}

/// <param name="Secret">The key itself; null when it was delivered before.</param>
internal sealed record IssuedKey(KeyRecord Record, string? Secret)
{
    /// <summary>Without the key, so that no log can have it.</summary>
    public override string ToString() => $"key {Record.Id}";
}
