namespace Gateway.Onboarding;

/// <summary>A plan that customers can sign up for, by a name of your own.</summary>
internal sealed class PlanOptions
{
    /// <summary>The plan at Paygentic, <c>plan_…</c>. <c>catalog apply</c> writes it.</summary>
    public string PlanId { get; set; } = "";

    /// <summary>
    /// Dollars that a new customer pays into the wallet at sign-up, as a decimal text such as <c>5.00</c>; null: none. Legacy plans only: Paygentic ignores it
    /// elsewhere.
    /// </summary>
    public string? PrefundAmount { get; set; }

    /// <summary>Where the checkout leads to after payment. Absolute http(s) URL, or null.</summary>
    public string? RedirectUrl { get; set; }
}
