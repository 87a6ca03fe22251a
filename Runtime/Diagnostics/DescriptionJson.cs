using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kameo.Actors;

/// <summary>How a description becomes JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ActorNodeDescription))]
internal sealed partial class DescriptionJson : JsonSerializerContext
{
    /// <summary>The same for people.</summary>
    public static DescriptionJson Indented { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true });
}
