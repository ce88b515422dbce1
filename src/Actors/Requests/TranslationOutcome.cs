namespace PcieFabric.Requests;

/// <summary>What became of an address that was to be translated.</summary>
public enum TranslationOutcome
{
    /// <summary>The request may leave, before anything else happens.</summary>
    Ready,

    /// <summary>The translation is asked for; <see cref="Requester.Issue"/> is called when it is there.</summary>
    Pending,

    /// <summary>There is no such translation; the request must not leave.</summary>
    Refused,
}
