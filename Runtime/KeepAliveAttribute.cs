namespace Kameo.Actors;

/// <summary>Activations of this actor class are never collected for being idle: they live as long as their node, or until they ask to be deactivated.</summary>
/// <remarks>Of the name and meaning of Orleans 10's attribute, which the referenced Orleans abstractions (3.5.1) do not have yet.</remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public sealed class KeepAliveAttribute : Attribute;
