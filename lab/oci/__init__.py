# SPDX-License-Identifier: Apache-2.0
"""Making and pushing OCI images with the standard library alone."""
