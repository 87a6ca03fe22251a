using System.Text.Json.Serialization;

namespace Kameo.Actors.Transport;

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MembershipStatus))]
internal sealed partial class MembershipJson : JsonSerializerContext;
