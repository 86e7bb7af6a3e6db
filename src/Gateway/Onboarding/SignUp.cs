using Gateway.Billing;
using Gateway.Configuration;
using Gateway.Keys;
using Gateway.Model;

namespace Gateway.Onboarding;

/// <summary>
/// From a name and an e-mail address to a key that works, or one that waits for a payment. Every step finds what an earlier attempt has made, by the
/// e-mail address, the plan and the subscription; so a sign-up that was cut off anywhere is simply sent again.
/// They find it because one sign-up of an e-mail address runs at a time.
/// </summary>
internal sealed class SignUp(ICustomerAccounts accounts, SignUpTurns turns, KeyService keys, CurrentConfiguration configuration)
{
    /// <summary>The names that can be signed up for.</summary>
    public IReadOnlyCollection<string> Plans => configuration.Snapshot.Options.Plans.Keys;

    /// <param name="customer">Who.</param>
    /// <param name="plan">One of <see cref="Plans"/>.</param>
    /// <param name="keyName">For people, or null.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="SignUpUnderWayException">Another one of the same e-mail address is, or may be, under way.</exception>
    /// <exception cref="KeyUnderWayException">An earlier one is done, and its answer with the key is, or may be, under way.</exception>
    public async Task<SignedUp> RunAsync(NewCustomer customer, string plan, string? keyName, CancellationToken cancellationToken)
    {
        var terms = configuration.Snapshot.Options.Plans[plan];
        await using var turn = await turns.TakeAsync(customer.Email);
        var id = await turn.MakeAsync(() => accounts.EnsureCustomerAsync(customer, cancellationToken));

        // Looked for first: no document says what makes two creations the same subscription.
        // One that is paid for comes before any that waits, whoever began that.
        var theirs = (await accounts.SubscriptionsAsync(id, cancellationToken)).Where(s => s.PlanId == terms.PlanId).ToList();
        var existing = theirs.Find(s => s.Status == SubscriptionStatus.Active)
            ?? theirs.Find(s => s is { Status: SubscriptionStatus.PendingPayment, IsOverdue: false });
        var subscription = existing ?? await BeginAsync();
        var isPending = subscription.Status == SubscriptionStatus.PendingPayment;
        var key = await keys.CreateAsync(
            new KeyRecord
            {
                Id = "",
                Sha256 = "",
                CreatedAt = default,
                CustomerId = id.Value,
                Name = keyName ?? "first key",
                PendingSubscription = isPending ? subscription.Id : null,
                PaymentUrl = subscription.CheckoutUrl,
            },
            idempotencyKey: "signup:" + (First(theirs, existing) ?? subscription).Id, whateverItsTerms: true); // it waits for a payment the first time, and later does not
        return new SignedUp(id, subscription, key);

        async Task<Subscription> BeginAsync()
        {
            // They are ended first, for there must never be two that can be paid. Cut off after this, the next attempt finds what was ended, and goes on from there.
            foreach (var overdue in theirs.Where(s => s.IsOverdue))
            {
                await turn.MakeAsync(async () =>
                {
                    await accounts.EndOverdueAsync(overdue.Id, cancellationToken);
                    return overdue;
                });
            }

            return await turn.MakeAsync(() => accounts.CreateSubscriptionAsync(
                id, new NewSubscription(terms.PlanId, $"{customer.Name}: {plan}", terms.PrefundAmount, terms.RedirectUrl), cancellationToken));
        }
    }

    /// <summary>
    /// What a sign-up began with, if another has taken its place since: the customer's key is known by it. The newest come first; without an existing one a
    /// new one was made before all of them.
    /// </summary>
    private static Subscription? First(List<Subscription> theirs, Subscription? existing) => existing is null
        ? theirs.TakeWhile(s => s.IsOverdue || s.WasOverdue).LastOrDefault()
        : theirs.Skip(theirs.IndexOf(existing) + 1).TakeWhile(s => s.WasOverdue).LastOrDefault();
}

internal sealed record SignedUp(CustomerId Customer, Subscription Subscription, IssuedKey Key);
