using System.ComponentModel;

namespace Kameo.Actors.Catalog;

/// <summary>Names the generated type whose public static <c>Register()</c> adds this assembly's actor interfaces and classes to the <see cref="ActorCatalog"/>.</summary>
/// <remarks>Written by the generator, read by the generator when it compiles an executable that references the assembly.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ActorRegistrationAttribute : Attribute
{
    /// <summary>Names the registration.</summary>
    /// <param name="registration">A public static class with a public static parameterless method <c>Register</c>.</param>
    public ActorRegistrationAttribute(Type registration) => Registration = registration;

    /// <summary>The generated registration.</summary>
    public Type Registration { get; }
}
