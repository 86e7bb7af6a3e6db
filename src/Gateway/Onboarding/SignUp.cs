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
        var theirs = (await accounts.SubscriptionsAsync(id, cancellationToken))
            .Where(s => s.PlanId == terms.PlanId && s.Status != SubscriptionStatus.Terminated).ToList();
        var existing = theirs.Find(s => s.Status == SubscriptionStatus.Active) ?? theirs.FirstOrDefault();
        var subscription = existing ?? await turn.MakeAsync(() => accounts.CreateSubscriptionAsync(
            id, new NewSubscription(terms.PlanId, $"{customer.Name}: {plan}", terms.PrefundAmount, terms.RedirectUrl), cancellationToken));
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
            idempotencyKey: "signup:" + subscription.Id, whateverItsTerms: true); // it waits for a payment the first time, and later does not
        return new SignedUp(id, subscription, key);
    }
}

internal sealed record SignedUp(CustomerId Customer, Subscription Subscription, IssuedKey Key);
