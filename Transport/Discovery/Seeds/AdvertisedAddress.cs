using System.Globalization;
using System.Net;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Discovery.Seeds;

/// <summary>Where others are told to reach this node: what the options say, else what the environment says.</summary>
/// <remarks>
/// In Kubernetes the name of a pod is known when it is created, not when its image is built: the environment is where a manifest can put it, from the pod's own fields. The options come
/// first, so a program that sets them is not changed from outside; a node that does not listen advertises nothing.
/// </remarks>
internal static class AdvertisedAddress
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "KAMEO_ADVERTISED_ADDRESS";

    /// <summary>Adds a sentence when the option, or the environment where it counts, cannot be understood.</summary>
    public static void Validate(TransportOptions options, ICollection<string> errors)
    {
        if (options.AdvertisedAddress is { } option && Complete(option, options.Listen is null ? 0 : 1) is null)
        {
            errors.Add($"{nameof(TransportOptions.AdvertisedAddress)} '{option}' is neither HOST:PORT nor, on a node that listens, HOST.");
        }

        if (options is { AdvertisedAddress: null, Listen: not null } && Read() is { } text && Complete(text, 1) is null)
        {
            errors.Add($"The environment variable {Variable} is '{text}', which is neither HOST nor HOST:PORT.");
        }
    }

    /// <summary>What to tell; null when there is nothing to tell.</summary>
    /// <param name="options">The node's options, valid.</param>
    /// <param name="listening">Where it listens: its port completes a name without one.</param>
    public static string? Of(TransportOptions options, IPEndPoint? listening) =>
        listening is null ? options.AdvertisedAddress : (options.AdvertisedAddress ?? Read()) is { } text ? Complete(text, listening.Port) : null;

    /// <summary>A host with or without port as an address; null when it is neither. IPv6 is written in brackets.</summary>
    internal static string? Complete(string text, int port)
    {
        string address = AddressText.TryParse(text, out _) ? text : string.Create(CultureInfo.InvariantCulture, $"{text}:{port}");
        return address.Length <= Hello.TextLengthMax && AddressText.TryParse(address, out _) ? address : null;
    }

    private static string? Read() => Environment.GetEnvironmentVariable(Variable) is { Length: not 0 } text ? text : null;
}
