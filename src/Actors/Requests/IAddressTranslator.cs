using PcieFabric.AddressTranslation;

namespace PcieFabric.Requests;

/// <summary>Translates a requester's memory requests before they leave, as the cache of a function with ATS does.</summary>
public interface IAddressTranslator
{
    /// <summary>Gives a request the address and the AT field with which it is to leave.</summary>
    /// <param name="request">Untranslated; its payload is not there yet.</param>
    TranslationOutcome Translate(ref Tlp request, PagePermissions needed);
}
